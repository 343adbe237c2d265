// The screens, each as it is reached; and what is asked of all of them.
import assert from 'node:assert/strict';
import path from 'node:path';

import {overflow, violations} from './axe.mjs';

const pictures = process.env.FAIRLEAD_SCREENSHOTS;

const go = (app, hash) => async (page) => {
  await page.goto(`${app}${hash}`);
};

async function openFirst(page) {
  await page.locator('.row').first().click();
  await page.locator('.reading .actions').waitFor();
}

const SCREENS = [
  {
    name: 'inbox',
    reach: async (page, app) => {
      await go(app, '#/inbox')(page);
      await page.locator('.row').first().waitFor();
    },
  },
  {
    name: 'packet',
    reach: async (page, app) => {
      await go(app, '#/inbox')(page);
      await openFirst(page);
      await page.keyboard.press('o');
      await page.locator('.packet').waitFor();
    },
  },
  {
    name: 'decline',
    reach: async (page) => {
      await page.keyboard.press('3');
      await page.locator('dialog .choices').waitFor();
    },
    leave: (page) => page.keyboard.press('Escape'),
  },
  {
    name: 'sent',
    reach: async (page, app) => {
      await go(app, '#/sent')(page);
      await page.locator('.row').first().waitFor();
    },
  },
  {
    name: 'new',
    reach: async (page, app) => {
      await go(app, '#/new')(page);
      const fields = page.locator('.fields');
      await fields.locator('select').first().selectOption('shelter_bed');
      await fields.locator('input[value=emergency]').check();
      await fields.locator('input[inputmode]').fill('48453');
      await page.locator('.matches button').first().click();
      await page.locator('.part').nth(2).getByRole('button').last().click();
      await page.locator('.release-form').waitFor();
    },
  },
  {
    name: 'keys',
    reach: async (page, app) => {
      await go(app, '#/keys')(page);
      await page.locator('.note.good').waitFor();
    },
  },
  {
    name: 'help',
    reach: async (page) => {
      await page.keyboard.press('?');
      await page.locator('dialog .keys').waitFor();
    },
    leave: (page) => page.keyboard.press('Escape'),
  },
  {
    name: 'menu',
    reach: async (page, app) => {
      await go(app, '#/inbox')(page);
      await page.locator('.menu summary').click();
    },
    leave: (page) => page.locator('.menu summary').click(),
  },
];

// Colours and places are measured where they end. What never ends (a skeleton) goes on.
const settle = () => {
  for (const each of document.getAnimations()) {
    if (each.effect.getComputedTiming().endTime < Infinity) each.finish();
  }
};

async function look(page, name, faults) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({colorScheme});
    for (const width of [1280, 320]) {
      await page.setViewportSize({width, height: 860});
      const label = `${name}_${colorScheme}_${width}`;
      await page.evaluate(settle);
      if (pictures) await page.screenshot({path: path.join(pictures, `${label}.png`)});
      if (width === 1280) {
        faults.push(...(await violations(page)).map((fault) => `${label}: ${fault}`));
      }
      const over = await overflow(page);
      if (over > 0) faults.push(`${label}: ${over} px too wide`);
    }
  }
  await page.setViewportSize({width: 1280, height: 860});
}

const LANGUAGES = ['en', 'es'];

async function speak(page, app, language) {
  await page.evaluate((kept) => localStorage.setItem('fairlead-language', kept), language);
  await page.goto(app);
  await page.reload();
}

// That what is wrong is found at all.
async function findsAFault(page) {
  await page.evaluate(() => document.querySelector('main').append(document.createElement('img')));
  assert.match((await violations(page)).join(), /image-alt/);
  await page.reload();
  await page.locator('.door').waitFor();
}

/** How many were looked at. */
export async function lookAtDoor(page, app) {
  const faults = [];
  await page.goto(app);
  await page.locator('.door').waitFor();
  await findsAFault(page);
  for (const language of LANGUAGES) {
    await speak(page, app, language);
    await page.locator(`html[lang=${language}] .door`).waitFor();
    await look(page, `door_${language}`, faults);
  }
  assert.deepEqual(faults, []);
  return LANGUAGES.length;
}

export async function lookAtScreens(page, app) {
  const faults = [];
  for (const language of LANGUAGES) {
    await speak(page, app, language);
    await page.locator(`html[lang=${language}] .bar`).waitFor();
    for (const {name, reach, leave} of SCREENS) {
      await reach(page, app);
      await look(page, `${name}_${language}`, faults);
      await leave?.(page);
    }
  }
  assert.deepEqual(faults, []);
  return LANGUAGES.length * SCREENS.length;
}
