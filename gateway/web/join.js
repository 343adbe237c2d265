// The page behind an invitation's link: HUB/join#CODE.
import {element, join, run, say} from '/passkey.js';

const code = location.hash.slice(1);
// Out of the address bar and the history: whoever sits here next finds no invitation.
history.replaceState(null, '', location.pathname);
for (const link of document.querySelectorAll('a[hreflang]')) {
  link.addEventListener('click', () => { link.hash = code; });
}

if (!/^[A-Za-z0-9_-]{16,64}$/.test(code)) {
  say('NO_CODE', true);
} else {
  element('form').hidden = false;
}

element('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = element('name').value.trim().toLowerCase();
  run(async () => {
    say('WAITING');
    await join(code, name);
    element('form').hidden = true;
    element('other-way').hidden = true;
    element('done').hidden = false;
    element('status').hidden = true;
    element('done-heading').focus();
  });
});
