/** Doing what a crew asks for: sending it, saying that it is done with a way back, and telling where somebody else was faster. */

import * as api from './api.js';
import { NoAnswer, Refused } from './http.js';
import { TRIAGE } from './texts.js';

/**
 * Returns {one(feature, fields, words), join(feature, other), part(feature, by), back(id), many(ids, fields, words)}.
 * say: see toast.js. offers: see offered.js. onSaved(feature): as the server tells it now; onStale(id): it should be loaded again;
 * onConflict(feature, {by, status, note, version}, again): somebody else was faster, again() does it all the same;
 * onTrouble(words); onDone(): after anything that changed defects.
 */
export function deeds({ say, offers, onSaved, onStale, onConflict, onTrouble, onDone }) {
  async function attempt(feature, work, words) {
    const { id } = feature.properties;
    try {
      const now = await work();
      onSaved(now);
      say(words, offers.has('undo') && now.undo ? () => back(now.properties.id) : null);
      onDone();
      return true;
    } catch (error) {
      refused(error);
      if (error.status === 409) {
        if (error.problem.changed) onConflict(feature, error.problem.changed, (version) => attempt(feature, () => work(version), words));
        onStale(id);
      }
      return false;
    }
  }

  function refused(error) {
    if (!(error instanceof NoAnswer || error instanceof Refused)) throw error;
    onTrouble(error instanceof NoAnswer ? TRIAGE.silent : TRIAGE.refused(error.message));
  }

  async function back(id) {
    try {
      onSaved(await api.undo(id, {}));
      say(TRIAGE.undone);
      onDone();
    } catch (error) {
      refused(error);
    }
  }

  const one = (feature, fields, words) => attempt(feature, (version = feature.version) => api.change(feature.properties.id, { ...fields, version }), words);
  const join = (feature, other) => attempt(feature, () => api.merge(other, { into: feature.properties.id }), TRIAGE.merged);
  const part = (feature, by) => attempt(feature, (version = feature.version) => api.split(feature.properties.id, { by, version }), TRIAGE.parted);

  async function many(ids, fields, words) {
    try {
      const { results } = await api.bulk({ ids, ...fields });
      const [done, not] = [results.filter(({ ok }) => ok), results.filter(({ ok }) => !ok)];
      say(TRIAGE.many(words, done.length, not.length, not[0]?.detail), offers.has('undo') && done.length ? () => allBack(done.map(({ id }) => id)) : null);
      onDone();
      return done.length > 0;
    } catch (error) {
      if (!(error instanceof NoAnswer || error instanceof Refused)) throw error;
      say(error instanceof NoAnswer ? TRIAGE.silent : TRIAGE.refused(error.message));
      return false;
    }
  }

  async function allBack(ids) {
    const results = await Promise.allSettled(ids.map((id) => api.undo(id, {})));
    say(TRIAGE.manyUndone(results.filter(({ status }) => status === 'fulfilled').length, ids.length));
    onDone();
  }

  return { one, join, part, back, many };
}
