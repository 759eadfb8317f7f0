/** Asking again and again, without hurry: never two at once, not while the page is hidden, ever slower while the server is silent. */

const SLOWEST_MS = 60_000;

/**
 * Starts calling `task(signal)` every `everyMs()`, first at once. `task` resolves to do nothing more; a rejection goes to `onError`.
 * Returns {now(): abandon what is under way and begin afresh, stop()}.
 */
export function poll(task, everyMs, onError) {
  let failures = 0;
  let timer = null;
  let running = null;

  async function run() {
    clearTimeout(timer);
    running?.abort();
    const mine = (running = new AbortController());
    try {
      await task(mine.signal);
      failures = 0;
    } catch (error) {
      if (mine.signal.aborted) return;
      failures += 1;
      onError(error);
    } finally {
      if (running === mine && !document.hidden) timer = setTimeout(run, Math.min(everyMs() * 2 ** failures, SLOWEST_MS));
    }
  }

  function stop() {
    clearTimeout(timer);
    running?.abort();
    running = null;
    document.removeEventListener('visibilitychange', seen);
    window.removeEventListener('online', run);
  }

  function seen() {
    if (document.hidden) clearTimeout(timer);
    else run();
  }

  document.addEventListener('visibilitychange', seen);
  window.addEventListener('online', run);
  run();
  return { now: run, stop };
}
