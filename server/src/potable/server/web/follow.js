// Follows ongoing runs: the page is fetched again, and what it says of them put in place of what stood there; not while
// the focus is in it.
(() => {
  const standing = document.getElementById("standing");
  const silence = document.getElementById("silence");
  if (!standing) return;
  const page = standing.dataset.page;
  const again = () => setTimeout(follow, 1000 * (standing.dataset.seconds || 1));
  async function follow() {
    if (document.hidden || standing.contains(document.activeElement)) return again();
    try {
      const answer = await fetch(page, {redirect: "manual"});
      if (answer.status >= 500 || answer.status === 429) throw new Error();
      const text = await answer.text();
      const next = new DOMParser().parseFromString(text, "text/html").getElementById("standing");
      if (!answer.ok || !next) return location.replace(page);
      if (next.innerHTML !== standing.innerHTML) standing.innerHTML = next.innerHTML;
      silence.hidden = true;
    } catch {
      silence.hidden = false;
    }
    again();
  }
  again();
})();
