// Sessions, codes, revocations and replay over three PoPs that crash, restore and are cut off, against a model that
// only remembers what was said. What must hold at every step is in `check`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import { type PortalClaims, type ResourceClaims, subjectId } from './claims.ts';
import { issueCode, newId, redeemCode } from './code.ts';
import { CODE_LIFETIME_MS } from './constants.ts';
import { type ManisCookies, readManisCookies } from './cookies.ts';
import type { SigningKey } from './crypto.ts';
import type { IssuerKey } from './keys.ts';
import { renewedClaims, signOut } from './renewal.ts';
import { type Revocation, type RevocationState, RevocationTable } from './revocation-table.ts';
import { beginSignIn, readAuthorizeRequest } from './sign-in.ts';
import { type Audience, issueSessionToken, SessionVerifier } from './verify.ts';

const crypto = new NodeSessionCrypto();
const PORTAL = 'login.example.org';
const LIFETIMES = { absoluteMs: 600_000, idleMs: 60_000 };
const APPS = ['res0', 'res1'] as const;
const hostOf = (resourceId: string) => `${resourceId}.example.org`;

function makeKey(id: string): { key: SigningKey; verifier: IssuerKey['verifier'] } {
  const { seed, publicKey } = crypto.generateKeyPair();
  return { key: { id, signer: crypto.signer(seed) }, verifier: crypto.verifier(publicKey) ?? assert.fail() };
}

const control = makeKey('control');
const popKeys = ['pop0', 'pop1', 'pop2'].map(makeKey);

/** The third PoP serves only the second resource; its key is the one that is stolen. */
const mayServe = (keyId: string, resourceId: string) => keyId !== 'pop2' || resourceId === 'res1';

const keys = new Map<string, IssuerKey>([
  ['control', { verifier: control.verifier, issuer: 'control', mayIssue: () => true }],
  ...popKeys.map(({ key, verifier }): [string, IssuerKey] => [
    key.id,
    {
      verifier,
      issuer: 'pop',
      mayIssue: (claims) => claims.kind === 'resource' && mayServe(key.id, claims.resourceId),
    },
  ]),
]);

/** A PoP: its table in memory, what it last wrote to disk, and whether control reaches it. */
class Pop {
  readonly key: SigningKey;
  revocations = new RevocationTable();
  connected = true;
  #disk: RevocationState = this.revocations.state();
  #verifier = this.#start();

  constructor(key: SigningKey) {
    this.key = key;
  }

  get circumstances() {
    return { keys: { keyOf: (id: string) => keys.get(id) }, revocations: this.revocations };
  }

  verify(token: string, audience: Audience, now: number) {
    return this.#verifier.verify(token, audience, now);
  }

  save(): void {
    this.#disk = JSON.parse(JSON.stringify(this.revocations.state())) as RevocationState;
  }

  /** Memory is lost; the disk may be of any age, but never runs ahead of what was applied. */
  crash(): void {
    this.revocations = new RevocationTable();
    this.revocations.merge(this.#disk);
    this.#verifier = this.#start();
  }

  #start(): SessionVerifier {
    return new SessionVerifier(this.circumstances, 8);
  }
}

interface Issued {
  readonly token: string;
  readonly claims: ResourceClaims;
  readonly keyId: string;
}

/** The whole world, and next to it the plain list of what control has revoked. */
class World {
  now = 1_800_000_000_000;
  readonly pops = popKeys.map(({ key }) => new Pop(key));
  readonly portals: PortalClaims[] = [];
  readonly codes: { code: string; cookies: ManisCookies; resourceId: string; issuedAt: number }[] = [];
  readonly issued: Issued[] = [];
  readonly log: Revocation[] = [];
  readonly epochs = new Map<string, number>();
  readonly sessionOfCode = new Map<string, string>();
  held = 0;
  refused = 0;

  signIn(userId: string): void {
    this.portals.push({
      kind: 'portal',
      id: newId(crypto),
      subject: { kind: 'user', userId },
      epoch: this.epochs.get(userId) ?? 0,
      methods: ['password'],
      authenticatedAtUnixMs: this.now,
      startedAtUnixMs: this.now,
      issuedAtUnixMs: this.now,
      expiresAtUnixMs: this.now + 500_000,
      idleExpiresAtUnixMs: this.now + 500_000,
      host: PORTAL,
    });
  }

  /** Control's portal hands out a code; it knows of every revocation. */
  authorize(portal: PortalClaims, resourceId: string): void {
    if (this.now >= portal.expiresAtUnixMs || this.isRevoked(portal, 'control', this.log)) return;
    const ask = {
      portalOrigin: `https://${PORTAL}`,
      resourceId,
      host: 'app.example.org',
      returnTo: '/',
      cookies: { attempts: new Map() },
    };
    const begun = beginSignIn(crypto, ask);
    const request = readAuthorizeRequest(begun.location.slice(begun.location.indexOf('?')));
    const cookies = readManisCookies(begun.setCookies.map((value) => value.split(';')[0]).join(';'));
    assert.ok(typeof request !== 'string' && typeof cookies !== 'string');
    const code = issueCode(crypto, control.key, portal, request, { resourceId, host: hostOf(resourceId) }, this.now);
    this.codes.push({ code, cookies, resourceId, issuedAt: this.now });
  }

  redeem(pop: Pop, index: number): void {
    const held = this.codes[index % Math.max(1, this.codes.length)];
    if (!held || !mayServe(pop.key.id, held.resourceId)) return;
    const audience = { resourceId: held.resourceId, host: hostOf(held.resourceId) };
    const redeemed = redeemCode(crypto, held.code, held.cookies, audience, LIFETIMES, pop.circumstances, this.now);
    if (typeof redeemed === 'string') return;
    assert.ok(this.now < held.issuedAt + CODE_LIFETIME_MS, 'a code outlived its time');
    const before = this.sessionOfCode.get(held.code) ?? redeemed.claims.id;
    assert.equal(redeemed.claims.id, before, 'a replayed code began another session');
    this.sessionOfCode.set(held.code, redeemed.claims.id);
    this.issue(redeemed.claims, pop.key);
  }

  issue(claims: ResourceClaims, key: SigningKey): void {
    this.issued.push({ token: issueSessionToken(claims, key), claims, keyId: key.id });
  }

  /** Control takes a revocation into its log and tells the PoPs that it reaches. */
  revoke(revocations: readonly Revocation[]): void {
    this.log.push(...revocations);
    for (const pop of this.pops) this.deliver(pop);
  }

  deliver(pop: Pop): void {
    if (!pop.connected) return;
    for (let at = pop.revocations.position.sequence; at < this.log.length; at++)
      assert.equal(pop.revocations.apply({ epoch: 0, sequence: at + 1 }, this.log[at] as Revocation), 'applied');
  }

  /** The model's own reading of a log of revocations. */
  isRevoked(claims: PortalClaims | ResourceClaims, keyId: string, log: readonly Revocation[]): boolean {
    return log.some((entry) => {
      if (entry.kind === 'key') return entry.keyId === keyId;
      if (entry.kind === 'user') return entry.userId === subjectId(claims.subject) && claims.epoch < entry.minimumEpoch;
      if (entry.kind === 'session')
        return entry.sessionId === claims.id || (claims.kind === 'resource' && entry.sessionId === claims.parentId);
      if (entry.kind === 'credential' || entry.kind === 'provider') return false;
      return (
        claims.kind === 'resource' && entry.resourceId === claims.resourceId && claims.startedAtUnixMs <= entry.atUnixMs
      );
    });
  }

  /** Every token at every PoP: exactly those hold that should, by what the PoP has been told. */
  check(): void {
    for (const pop of this.pops) {
      const told = this.log.slice(0, pop.revocations.position.sequence);
      if (pop.connected) assert.equal(told.length, this.log.length, 'a connected PoP is behind');
      for (const { token, claims, keyId } of this.issued) {
        const audience: Audience = { kind: 'resource', host: claims.host, resourceId: claims.resourceId };
        const result = pop.verify(token, audience, this.now);
        const alive = this.now < claims.idleExpiresAtUnixMs && this.now < claims.expiresAtUnixMs;
        const expected = alive && mayServe(keyId, claims.resourceId) && !this.isRevoked(claims, keyId, told);
        assert.equal(typeof result !== 'string', expected, `${pop.key.id}: ${JSON.stringify(result)}`);
        if (expected) this.held++;
        else this.refused++;
        const elsewhere = { ...audience, host: hostOf('elsewhere') };
        assert.equal(typeof pop.verify(token, elsewhere, this.now), 'string');
        assert.equal(typeof pop.verify(token, { kind: 'portal', host: claims.host }, this.now), 'string');
      }
    }
  }
}

const small = fc.nat(20);
const step = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sign-in' as const), user: fc.constantFrom('ann', 'bob') }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('authorize' as const), at: fc.nat(1), app: fc.nat(1) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('redeem' as const), at: small, pop: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('renew' as const), at: small, pop: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sign-out' as const), at: small, everywhere: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end-user' as const), user: fc.constantFrom('ann', 'bob') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end-resource' as const), app: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end-key' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forge' as const), at: small }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('save', 'crash', 'cut', 'join'), pop: fc.nat(2) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 5_000, 20_000, 70_000) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function take(world: World, move: Step): void {
  const pop = 'pop' in move ? (world.pops[move.pop] as Pop) : (world.pops[0] as Pop);
  const issued = 'at' in move ? world.issued[move.at % Math.max(1, world.issued.length)] : undefined;
  const atUnixMs = world.now;
  switch (move.kind) {
    case 'sign-in':
      world.signIn(move.user);
      break;
    case 'authorize': {
      const portal = world.portals[move.at % Math.max(1, world.portals.length)];
      if (portal) world.authorize(portal, APPS[move.app] as string);
      break;
    }
    case 'redeem':
      world.redeem(pop, move.at);
      break;
    case 'renew': {
      if (!issued || !mayServe(pop.key.id, issued.claims.resourceId)) break;
      const audience: Audience = { kind: 'resource', host: issued.claims.host, resourceId: issued.claims.resourceId };
      const claims = pop.verify(issued.token, audience, world.now);
      const renewed =
        typeof claims === 'string' || claims.kind !== 'resource'
          ? undefined
          : renewedClaims(claims, LIFETIMES, world.now);
      if (renewed) world.issue(renewed, pop.key);
      break;
    }
    case 'sign-out':
      if (issued) world.revoke(signOut(issued.claims, move.everywhere ? 'everywhere' : 'here', atUnixMs));
      break;
    case 'end-user': {
      const minimumEpoch = (world.epochs.get(move.user) ?? 0) + 1;
      world.epochs.set(move.user, minimumEpoch);
      world.revoke([{ kind: 'user', userId: move.user, minimumEpoch, atUnixMs }]);
      break;
    }
    case 'end-resource':
      world.revoke([{ kind: 'resource', resourceId: APPS[move.app] as string, atUnixMs }]);
      break;
    case 'end-key':
      world.revoke([{ kind: 'key', keyId: 'pop2', atUnixMs }]);
      break;
    case 'forge': {
      // The malicious PoP signs a session with a resource that it does not serve.
      const forged = issued && { ...issued.claims, resourceId: 'res0', host: hostOf('res0'), id: newId(crypto) };
      if (forged) world.issue(forged, (popKeys[2] as { key: SigningKey }).key);
      break;
    }
    case 'save':
      pop.save();
      break;
    case 'crash':
      pop.crash();
      world.deliver(pop);
      break;
    case 'cut':
      pop.connected = false;
      break;
    case 'join':
      pop.connected = true;
      world.deliver(pop);
      break;
    case 'wait':
      world.now += move.ms;
  }
}

test('a session holds exactly where and while it should, whatever crashes and is replayed', () => {
  let held = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 40, size: 'max' }), (moves) => {
      const world = new World();
      world.signIn('ann');
      for (const move of moves) {
        take(world, move);
        world.check();
      }
      held += world.held;
      refused += world.refused;
    }),
    { numRuns: 60 },
  );
  assert.ok(held > 500 && refused > 500, `${held} held and ${refused} were refused: too few to prove anything`);
});
