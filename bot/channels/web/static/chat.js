// The web chat. The conversation is kept on this device only: who is asking (a random id) and the last bubbles.
const KEPT = 100; // bubbles: a long evening's chat, and little enough for a cheap phone
const STORE = "chengfatong";
const WAIT_MS = 15000; // the gateway answers within 5 s; beyond this the network is gone
const NEWS_MS = 30000; // a reminder is not urgent to the second; a phone's battery matters more
const NEAR_END = 120; // px: who reads further up is not pulled down by a notice

const log = document.getElementById("log");
const form = document.getElementById("compose");
const text = document.getElementById("text");

const randomId = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");

function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE));
    if (kept && kept.sender && Array.isArray(kept.bubbles)) return kept;
  } catch { /* a private window or a broken entry: start anew */ }
  return fresh();
}

const fresh = () => ({ sender: randomId(), bubbles: [], told: "0" });
let state = load();

function save() {
  state.bubbles = state.bubbles.slice(-KEPT);
  try { localStorage.setItem(STORE, JSON.stringify(state)); } catch { /* nothing is kept, the chat goes on */ }
}

function element(tag, className, content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (content) made.textContent = content;
  return made;
}

function card(data) {
  const box = element("section", "bubble bot card" + (data.title === "马上拨打" ? " urgent" : ""));
  box.append(element("h2", "", data.title));
  if (data.badge) box.append(element("span", "badge", data.badge));
  if (data.subtitle) box.append(element("p", "subtitle", data.subtitle));
  const list = element("dl");
  for (const field of data.fields) {
    const value = element("dd");
    if (field.href && (/^(tel:|https:|\/(?!\/))/.test(field.href) || field.href.startsWith(location.origin + "/"))) {
      const link = element("a", "", field.value);
      link.href = field.href;
      value.append(link);
    } else value.textContent = field.value;
    list.append(element("dt", "", field.label), value);
  }
  box.append(list);
  if (data.note) box.append(element("p", "note", data.note));
  return box;
}

function choices(buttons) {
  const row = element("div", "choices");
  for (const button of buttons) {
    const made = element("button", "", button.title);
    made.type = "button";
    made.addEventListener("click", () => send({ payload: button.payload }, button.title));
    row.append(made);
  }
  return row;
}

function draw(bubble) {
  if (bubble.me) {
    log.append(element("div", "bubble me", bubble.text));
    return;
  }
  if (bubble.text) log.append(element("div", "bubble bot", bubble.text));
  if (bubble.card) log.append(card(bubble.card));
  if (bubble.buttons && bubble.buttons.length) log.append(choices(bubble.buttons));
}

function add(bubble) {
  state.bubbles.push(bubble);
  draw(bubble);
  save();
}

const toEnd = () => { log.scrollTop = log.scrollHeight; };

// A long answer is read from its beginning: the question stays on top of the screen.
function toQuestion() {
  const questions = log.querySelectorAll(".me");
  if (!questions.length) return;
  log.scrollTop = questions[questions.length - 1].offsetTop - log.offsetTop - 8;
}

async function post(body) {
  const response = await fetch("/api/chat", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(WAIT_MS),
  });
  const data = await response.json();
  if (response.ok) return data.messages;
  if (response.status === 503) throw new Error(data.detail);
  return [{ text: data.detail, buttons: [] }];
}

async function send(message, shown) {
  log.querySelectorAll(".choices").forEach((row) => row.classList.add("old"));
  if (shown) add({ me: true, text: shown });
  await deliver({ sender: state.sender, message_id: randomId(), ...message });
}

// The same message_id is sent again on a retry, so that a message that did arrive is not taken twice.
async function deliver(body) {
  const typing = element("div", "bubble bot typing", "正在看");
  log.append(typing);
  toEnd();
  try {
    const messages = await post(body);
    typing.remove();
    messages.forEach(add);
    toQuestion();
    return;
  } catch {
    typing.remove();
    const again = element("button", "failed", "没发出去，点这里再发一次");
    again.type = "button";
    again.addEventListener("click", () => { again.remove(); deliver(body); });
    log.append(again);
  }
  toEnd();
}

// What the citizen is told without having asked. The last number shown is kept with its bubble, so that a reload
// shows neither twice.
let asking = false;
async function news() {
  if (asking || document.visibilityState !== "visible") return;
  asking = true;
  const { sender, told } = state;
  try {
    const asked = new URLSearchParams({ sender, after: told || "0" });
    const response = await fetch("/api/notices?" + asked, { signal: AbortSignal.timeout(WAIT_MS) });
    const { notices } = response.ok ? await response.json() : { notices: [] };
    if (sender === state.sender) show(notices);
  } catch { /* the network is gone: asked again in half a minute */ } finally { asking = false; }
}

function show(notices) {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
  for (const notice of notices) {
    state.told = notice.id;
    add({ text: notice.text, buttons: notice.buttons, card: notice.card });
  }
  if (notices.length && atEnd) toEnd();
}

setInterval(news, NEWS_MS);
document.addEventListener("visibilitychange", news);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const typed = text.value.trim();
  if (!typed) return;
  text.value = "";
  grow();
  send({ text: typed }, typed);
});

function grow() {
  text.style.height = "auto";
  text.style.height = text.scrollHeight + 2 + "px";
}
text.addEventListener("input", grow);
text.addEventListener("keydown", (event) => {
  // While an input method is composing, Enter picks a word.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
    event.preventDefault();
    form.requestSubmit();
  }
});

document.getElementById("human").addEventListener("click", () => send({ payload: "/talk_to_human" }, "转人工"));
// Clearing the screen keeps who is asking: the bookings hang on that. Only somebody else's turn begins anew, and is
// told beforehand what it costs.
function start(kept) {
  state = kept;
  log.replaceChildren();
  save();
  send({ payload: "/greet" });
}

const CLEAR = "清空这里的对话吗？约好的事不会动，清空以后说“我的预约”还能看到。";
const LEAVE = "换一个人用，这台手机上就看不到原来的预约了，到时候的提醒也收不到。约了还没办的，请先把编号和时间记下来。";

function ask(question, ...answers) {
  log.querySelector(".asked")?.remove();
  const box = element("div", "asked");
  const row = element("div", "choices");
  for (const [title, act] of answers) {
    const made = element("button", "", title);
    made.type = "button";
    made.addEventListener("click", () => { box.remove(); act(); });
    row.append(made);
  }
  box.append(element("div", "bubble bot", question), row);
  log.append(box);
  toEnd();
  row.firstChild.focus();
}

const leave = () => ask(LEAVE, ["换人", () => start(fresh())], ["不换了", () => {}]);
document.getElementById("clear").addEventListener("click", () =>
  ask(CLEAR, ["清空", () => start({ ...state, bubbles: [] })], ["换一个人用", leave], ["不清空", () => {}]));

// A page whose link was dead sends people here for a fresh one.
const forBookings = location.hash === "#bookings";
if (forBookings) history.replaceState(null, "", location.pathname);

if (state.bubbles.length) {
  state.bubbles.forEach(draw);
  const rows = log.querySelectorAll(".choices");
  rows.forEach((row, index) => { if (index < rows.length - 1) row.classList.add("old"); });
  toEnd();
  if (forBookings) send({ payload: "/check_status" }, "我的预约").then(news);
  else news();
} else {
  send({ payload: forBookings ? "/check_status" : "/greet" }).then(news);
}
