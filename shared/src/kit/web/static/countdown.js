// The minutes that a reservation has left, kept true while the page is open and announced before they run out (WCAG
// 2.2.1). Without scripts the page says until when the time is kept, and how long that was when it was shown.
const ANNOUNCED_AT_MIN = [5, 2];

for (const place of document.querySelectorAll("[data-countdown-s]")) {
  const end = performance.now() + Number(place.dataset.countdownS) * 1000;
  const announcer = document.getElementById(place.dataset.announcer);
  let shown = place.textContent;

  const say = (minutes) => {
    const { one, other, soon, over } = place.dataset;
    if (minutes < 0) return over;
    if (minutes === 0) return soon;
    return minutes === 1 ? one : other.replace("{count}", minutes);
  };
  const tick = () => {
    const left = end - performance.now();
    const minutes = left <= 0 ? -1 : Math.floor(left / 60000);
    const text = say(minutes);
    if (text === shown) return;
    shown = place.textContent = text;
    if (minutes < 1 || ANNOUNCED_AT_MIN.includes(minutes)) announcer.textContent = text;
  };
  setInterval(tick, 1000);
}
