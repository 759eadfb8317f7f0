/** The page of a sign-in link: it uses the link up only when a person presses the button, so that a mail scanner's look does not. */

import { signIn } from './api.js';
import { NoAnswer } from './http.js';
import { languageSwitch } from './language_switch.js';
import { SIGN_IN } from './texts.js';

const link = location.hash.slice(1);
const words = document.getElementById('words');
const button = document.getElementById('enter');

document.title = SIGN_IN.title;
languageSwitch(document.getElementById('language'));
words.textContent = link ? SIGN_IN.ready : SIGN_IN.noLink;
button.textContent = SIGN_IN.enter;
button.hidden = !link;
button.addEventListener('click', enter);

async function enter() {
  button.disabled = true;
  try {
    await signIn(link);
    location.replace('./'); // the link leaves the browser's history, too
  } catch (error) {
    words.textContent = error instanceof NoAnswer ? SIGN_IN.silent : SIGN_IN.refused(error.message);
    words.setAttribute('role', 'alert');
    button.disabled = false;
  }
}
