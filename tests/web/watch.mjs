// What must not happen while people work: a request to anywhere else, an error of a page, something
// that the policy stops, or a word of a packet in clear on the wire.
import assert from 'node:assert/strict';

export class Watch {
  constructor(app) {
    this.origin = new URL(app).origin;
    this.errors = [];
    this.foreign = [];
    this.sent = [];
  }

  follow(page, who) {
    page.on('pageerror', (error) => this.errors.push(`${who}: ${error}`));
    page.on('console', (message) => {
      // A refused call is logged by the browser itself.
      if (message.type() === 'error' && !message.text().includes('status of 4')) {
        this.errors.push(`${who}: ${message.text()}`);
      }
    });
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== this.origin) this.foreign.push(request.url());
      this.sent.push(request.url() + JSON.stringify(request.headers()) +
                     (request.postData() ?? ''));
    });
  }

  assertQuiet(canaries) {
    assert.deepEqual(this.errors, []);
    assert.deepEqual(this.foreign, []);
    assert.ok(this.sent.length > 20, 'requests were seen');
    for (const canary of canaries) {
      const forms = [canary, encodeURIComponent(canary),
                     Buffer.from(canary).toString('base64').slice(0, -4),
                     Buffer.from(canary).toString('base64url').slice(0, -4)];
      for (const form of forms) {
        assert.ok(!this.sent.some((text) => text.includes(form)), `${canary} is on the wire`);
      }
    }
  }
}
