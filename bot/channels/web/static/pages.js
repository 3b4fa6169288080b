// The pages work without this. It only saves a long press for copying, and a second tap while the first is under way.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
    button.textContent = "复制好了，去发给对方吧";
  });
}

const tapped = new Set();
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", (event) => {
    if (tapped.has(form)) event.preventDefault();
    tapped.add(form);
  });
}
// Going back shows the page as it was left: its buttons must work again.
window.addEventListener("pageshow", () => tapped.clear());
