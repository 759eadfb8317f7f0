/** Who is signed in, in one quiet line below the name; nothing for everyone else. */

import { session, signOut } from './api.js';
import { element } from './dom.js';
import { SESSION } from './texts.js';

/** Fills the line once the server has answered. */
export async function sessionLine(line) {
  const { name, role } = await session().catch(() => ({ name: null })); // without an answer the watch will say so
  line.hidden = name === null;
  if (name === null) return;
  line.replaceChildren(SESSION.signedIn(name, role), ' ', element('button', { type: 'button', class: 'link', click: leave }, SESSION.leave));
}

async function leave({ currentTarget }) {
  currentTarget.disabled = true;
  await signOut().catch(() => {}); // the page that comes then shows whether it went through
  location.reload();
}
