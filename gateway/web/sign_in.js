// Signing in with a passkey, and one's own passkeys.
import {add, element, list, me, remove, run, say, signIn, signOut} from '/passkey.js';

const day = new Intl.DateTimeFormat(document.documentElement.lang, {dateStyle: 'medium'});

function row(passkey) {
  const item = element('row').content.firstElementChild.cloneNode(true);
  item.querySelector('time').dateTime = passkey.createTime;
  item.querySelector('time').textContent = day.format(new Date(passkey.createTime));
  item.querySelector('.stopped').hidden = !passkey.stopTime;
  item.querySelector('button').addEventListener('click', () => run(async () => {
    await remove(passkey.id);
    await showPasskeys();
    say('REMOVED');
  }));
  return item;
}

async function showPasskeys() {
  const passkeys = await list();
  element('passkeys').replaceChildren(...passkeys.map(row));
}

async function show(who) {
  element('who').textContent = `${who.staff.displayName} · ${who.agencyName}`;
  element('out').hidden = true;
  element('in').hidden = false;
  await showPasskeys();
}

element('sign-in').addEventListener('click', () => run(async () => {
  say('WAITING');
  const who = await signIn();
  element('status').hidden = true;
  await show(who);
  element('in-heading').focus();
}));

element('add').addEventListener('click', () => run(async () => {
  say('WAITING');
  await add();
  await showPasskeys();
  say('ADDED');
}));

element('sign-out').addEventListener('click', () => run(async () => {
  await signOut();
  element('in').hidden = true;
  element('out').hidden = false;
  say('SIGNED_OUT');
}));

// Somebody who is signed in already goes on where they were.
try {
  await show(await me());
} catch {
  element('out').hidden = false;
}
