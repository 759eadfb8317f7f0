/** Who is signed in, in one quiet line below the name; nothing for everyone else. */

import { session, signOut } from './api.js';
import { element } from './dom.js';
import { SESSION } from './texts.js';

const NOBODY = { name: null, role: 'anyone' };

/** Fills the line once the server has answered. Returns {name, role}; name null for everyone else. */
export async function sessionLine(line) {
  const who = await session().catch(() => NOBODY); // without an answer the watch will say so
  line.hidden = who.name === null;
  if (who.name !== null) line.replaceChildren(SESSION.signedIn(who.name, SESSION.role[who.role] ?? who.role), ' ', element('button', { type: 'button', class: 'link', click: leave }, SESSION.leave));
  return who;
}

/** Whether somebody of this role may change defects; the server decides, this only says what to offer. */
export function mayChange({ role }) {
  return role === 'crew' || role === 'admin';
}

async function leave({ currentTarget }) {
  currentTarget.disabled = true;
  await signOut().catch(() => {}); // the page that comes then shows whether it went through
  location.reload();
}
