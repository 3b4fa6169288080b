// A phone: what is on it comes by server-sent events, what is done on it goes by POST. Texts are shown as texts; of their
// markup only links are read, as WeChat does.
const $ = id => document.getElementById(id);
const LINK = /<a\s+[^>]*?href=(["'])(.*?)\1[^>]*>([\s\S]*?)<\/a>/g;
let number = localStorage.getItem("phone") || "1", events, drawn = "", state = {};

function post(doing, body = {}) {
  return fetch(`/phones/${number}/${doing}`, {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body),
  }).then(answer => { if (!answer.ok) throw new Error(answer.status); }).catch(() => aside("没发出去，请再试一次。"));
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  if (name === "button") made.type = "button";
  return made;
}

function aside(text) {
  $("log").append(element("p", "aside", text));
  $("log").scrollTop = $("log").scrollHeight;
}

function decoded(text) {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"').replace(/&amp;/g, "&");
}

function link(address, shown) {
  const url = decoded(address), made = element("a", "", decoded(shown));
  if (url.startsWith("weixin://bizmsgmenu?")) {
    const asked = new URLSearchParams(url.slice(url.indexOf("?") + 1));
    const label = asked.get("msgmenucontent") || shown;
    const button = element("button", "inline", decoded(shown));
    button.onclick = () => post("taps", {label});
    return button;
  }
  if (!/^(https?:\/\/|tel:)/.test(url)) return document.createTextNode(decoded(shown));
  made.href = url;
  made.target = "_blank";
  made.rel = "noopener";
  return made;
}

function written(into, text) {
  let at = 0;
  for (const match of text.matchAll(LINK)) {
    into.append(text.slice(at, match.index), link(match[2], match[3]));
    at = match.index + match[0].length;
  }
  into.append(text.slice(at));
}

function bubble(one) {
  if (one.who === "phone") return element("p", "aside", one.text);
  const made = element("div", `bubble ${one.who}${one.url && one.who === "account" ? " card" : ""}`);
  if (one.who === "notice") made.append(element("span", "way", "服务通知"));
  written(made, one.text);
  // The menu links of a text are in the text; only those of a menu message stand below it.
  if (!one.text.includes("weixin://bizmsgmenu")) for (const choice of one.choices) {
    const button = element("button", "tap", choice.label);
    button.onclick = () => post("taps", {label: choice.label});
    made.append(button);
  }
  if (/^https?:\/\//.test(one.url)) {
    const open = link(one.url, "打开");
    open.className = "tap";
    made.append(open);
  }
  return made;
}

function entry(button) {
  const made = element("button", "", button.name);
  made.onclick = () => {
    for (const open of document.querySelectorAll("#menu details[open]")) open.open = false;
    if (button.type === "view") open_page(button.url);
    if (button.type === "location_select") { tools(true); $("place").elements.label.focus(); }
    else post("menu", {name: button.name});
  };
  return made;
}

function open_page(url) {
  if (/^https?:\/\//.test(url)) window.open(url, "_blank", "noopener");
}

function menu(buttons) {
  $("menu").replaceChildren(...buttons.map(top => {
    if (!top.sub_button || !top.sub_button.length) return entry(top);
    const made = element("details"), sub = element("div", "sub");
    made.name = "menu";
    sub.append(...top.sub_button.map(entry));
    made.append(element("summary", "", top.name), sub);
    return made;
  }));
  $("keys").hidden = !buttons.length;
  if (!buttons.length) $("menu").hidden = true;
}

function draw(next) {
  const old = state;
  state = next;
  const fresh = JSON.stringify(next.bubbles) + next.typing;
  if (fresh !== drawn) {
    drawn = fresh;
    $("log").replaceChildren(...next.bubbles.map(bubble));
    if (next.typing) aside("对方正在输入…");
    $("log").scrollTop = $("log").scrollHeight;
  }
  if (JSON.stringify(old.menu) !== JSON.stringify(next.menu)) {
    menu(next.menu);
    if (next.menu.length) $("menu").hidden = false;
  }
  $("stranger").hidden = next.following;
  document.querySelector("footer").hidden = !next.following;
  if (!next.following) tools(false);
  $("standing").textContent = next.following ? `还能收到 ${next.left} 条客服消息` : "没有连到微信，只在这台电脑上";
  $("scenes").replaceChildren(...Object.entries(next.scenes).map(([value, label]) => Object.assign(element("option"), {value, label})));
  if (JSON.stringify(old.templates) !== JSON.stringify(next.templates))
    $("templates").replaceChildren(...Object.entries(next.templates).map(([id, title]) =>
      Object.assign(element("option", "", title), {value: id})));
  held();
}

function held() {
  const chosen = $("templates").value;
  $("held").textContent = `这个模板还能发 ${(state.permissions || {})[chosen] || 0} 次`;
}

function tools(open) {
  $("tools").hidden = !open;
  $("more").setAttribute("aria-expanded", String(open));
}

function turn_to(phone) {
  number = phone;
  localStorage.setItem("phone", phone);
  $("phone").value = phone;
  if (events) events.close();
  events = new EventSource(`/phones/${phone}/events`);
  events.onmessage = event => draw(JSON.parse(event.data));
}

$("phone").onchange = () => turn_to($("phone").value);
$("follow").onclick = () => post("follow");
$("unfollow").onclick = () => post("unfollow");
$("photo").onclick = () => { tools(false); post("photo"); };
$("more").onclick = () => tools($("tools").hidden);
$("keys").onclick = () => { $("menu").hidden = !$("menu").hidden; };
$("templates").onchange = held;
$("compose").onsubmit = event => {
  event.preventDefault();
  const text = $("text").value;
  if (!text.trim()) return;
  $("text").value = "";
  post("says", {text});
};
$("text").onkeydown = event => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("compose").requestSubmit();
  }
};
for (const [form, doing] of [["place", "location"], ["scan", "scan"], ["voice", "voice"]])
  $(form).onsubmit = event => {
    event.preventDefault();
    tools(false);
    post(doing, Object.fromEntries(new FormData($(form))));
  };
$("grant").onsubmit = event => {
  event.preventDefault();
  post("grant", {template: $("templates").value, accepted: event.submitter.value === "yes"});
};
turn_to(number);
