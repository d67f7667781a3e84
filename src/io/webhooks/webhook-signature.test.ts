import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { newWebhookSecret, signedFields } from './webhook-signature.ts';

test('an event is signed as the Standard Webhooks have it', () => {
  // The vector of the reference implementations (standard-webhooks, their tests of `sign`).
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const event = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' };
  assert.deepEqual(signedFields(secret, event, 1_614_265_330_999), {
    'webhook-id': event.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('a secret is 32 bytes of chance', () => {
  const secret = newWebhookSecret(new SeededRandom(1));
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.notEqual(secret, newWebhookSecret(new SeededRandom(2)));
});
