import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Incident, Outcome, RequestKind, Trouble } from '../traffic/outcome.ts';
import { type Evidence, judge } from './judge.ts';
import type { FaultName } from './schedule.ts';

const POP_1 = '10.0.0.1:443';
const POP_2 = '10.0.0.2:443';
const STRUCK_AT = 10_000;

function outcome(kind: RequestKind, changes: Partial<Outcome> = {}): Outcome {
  const times = { fromUnixMs: STRUCK_AT, toUnixMs: STRUCK_AT + 50 };
  return {
    kind,
    id: 1,
    isDone: true,
    incidents: [],
    bytes: 10,
    wrongBytes: 0,
    stallMs: 5,
    resumes: 0,
    ...times,
    ...changes,
  };
}

function incident(trouble: Trouble, changes: Partial<Incident> = {}): Incident {
  const detail = trouble === 'status' ? '502 {}' : 'it broke';
  return { endpoint: POP_1, trouble, detail, fromUnixMs: STRUCK_AT, toUnixMs: STRUCK_AT + 50, ...changes };
}

function judged(outcomes: readonly Outcome[], changes: Partial<Evidence> = {}) {
  const popOf = new Map([
    [POP_1, 'pop-1'],
    [POP_2, 'pop-2'],
  ]);
  return judge({ outcomes, strikes: [], journals: [], popOf, ...changes });
}

function strike(fault: FaultName, victim: string) {
  return { fault, victims: [victim], fromUnixMs: STRUCK_AT, toUnixMs: STRUCK_AT + 2_000 };
}

describe('the judge', () => {
  const cases: readonly {
    readonly says: string;
    readonly kind: RequestKind;
    readonly trouble: Trouble;
    readonly fault?: readonly [FaultName, string];
    readonly allowed: boolean;
  }[] = [
    { says: 'a reset without a fault', kind: 'item', trouble: 'reset', allowed: false },
    { says: 'a reset by a killed PoP', kind: 'item', trouble: 'reset', fault: ['kill pop', 'pop-1'], allowed: true },
    { says: 'a reset by another PoP', kind: 'item', trouble: 'reset', fault: ['kill pop', 'pop-2'], allowed: false },
    {
      says: 'silence of a frozen PoP',
      kind: 'write',
      trouble: 'silent',
      fault: ['freeze pop', 'pop-1'],
      allowed: true,
    },
    {
      says: 'no connection to a stopped PoP',
      kind: 'item',
      trouble: 'no-connection',
      fault: ['stop pop', 'pop-1'],
      allowed: true,
    },
    {
      says: 'a reset by a PoP that was stopped',
      kind: 'item',
      trouble: 'reset',
      fault: ['stop pop', 'pop-1'],
      allowed: false,
    },
    {
      says: 'a download cut by a PoP that was stopped',
      kind: 'download',
      trouble: 'truncated',
      fault: ['stop pop', 'pop-1'],
      allowed: false,
    },
    {
      says: 'a WebSocket that breaks at a drain',
      kind: 'web-socket',
      trouble: 'truncated',
      fault: ['stop pop', 'pop-1'],
      allowed: false,
    },
    {
      says: 'a 502 to a GET when a connector is killed',
      kind: 'item',
      trouble: 'status',
      fault: ['kill connector', 'connector-1'],
      allowed: false,
    },
    {
      says: 'a 502 to a POST when a connector is killed',
      kind: 'write',
      trouble: 'status',
      fault: ['kill connector', 'connector-1'],
      allowed: true,
    },
    {
      says: 'a 502 to a POST when a connector is stopped',
      kind: 'write',
      trouble: 'status',
      fault: ['stop connector', 'connector-1'],
      allowed: false,
    },
    {
      says: 'a download cut by a killed target',
      kind: 'download',
      trouble: 'truncated',
      fault: ['kill target', 'target-1'],
      allowed: true,
    },
    {
      says: 'a download refused when a target is killed',
      kind: 'download',
      trouble: 'status',
      fault: ['kill target', 'target-1'],
      allowed: false,
    },
    {
      says: 'a GET without an answer when a connector is killed',
      kind: 'item',
      trouble: 'silent',
      fault: ['kill connector', 'connector-1'],
      allowed: false,
    },
    {
      says: 'a 502 to a POST when control is killed',
      kind: 'write',
      trouble: 'status',
      fault: ['kill control', 'control'],
      allowed: false,
    },
    {
      says: 'a download cut when a tunnel is lost',
      kind: 'download',
      trouble: 'truncated',
      fault: ['cut tunnel', 'pop-1'],
      allowed: false,
    },
    {
      says: 'an upload reset when UDP is blocked',
      kind: 'upload',
      trouble: 'reset',
      fault: ['block udp', 'site'],
      allowed: false,
    },
    {
      says: 'a 502 from a killed PoP: the dead do not answer',
      kind: 'item',
      trouble: 'status',
      fault: ['kill pop', 'pop-1'],
      allowed: false,
    },
  ];
  for (const { says, kind, trouble, fault, allowed } of cases) {
    test(`${allowed ? 'allows' : 'does not allow'} ${says}`, () => {
      const strikes = fault ? [strike(...fault)] : [];
      const one = outcome(kind, { isDone: false, incidents: [incident(trouble)] });
      const { violations, allowed: counted } = judged([one], { strikes });
      assert.equal(violations.length, allowed ? 0 : 1);
      assert.equal(Object.keys(counted).length, allowed ? 1 : 0);
    });
  }

  test('allows a planned stop to tell WebSockets to go, and nothing else', () => {
    const told = outcome('web-socket', { incidents: [incident('truncated', { detail: 'closed with 1001' })] });
    for (const [fault, victim, allowed] of [
      ['stop pop', 'pop-1', true],
      ['stop pop', 'pop-2', false],
      ['stop connector', 'connector-1', true],
      ['kill control', 'control-1', false],
    ] as const) {
      const { violations } = judged([told], { strikes: [strike(fault, victim)] });
      assert.equal(violations.length, allowed ? 0 : 1, `${fault} ${victim}`);
    }
  });

  test('does not excuse what happened before the fault or long after it', () => {
    const strikes = [strike('kill pop', 'pop-1')];
    const at = (fromUnixMs: number) => incident('reset', { fromUnixMs, toUnixMs: fromUnixMs + 50 });
    for (const fromUnixMs of [STRUCK_AT - 100, STRUCK_AT + 10_000])
      assert.equal(judged([outcome('item', { incidents: [at(fromUnixMs)] })], { strikes }).violations.length, 1);
  });

  test('sees a corrupted byte, whatever struck', () => {
    const strikes = [strike('kill pop', 'pop-1')];
    const verdict = judged([outcome('download', { wrongBytes: 1 })], { strikes });
    assert.equal(verdict.corruptedBytes, 1);
    assert.deepEqual(verdict.violations, ['1 bytes corrupted']);
  });

  test('sees a write that was acknowledged and is nowhere', () => {
    const verdict = judged([outcome('write', { id: 1 }), outcome('write', { id: 2 })], { journals: [[1], []] });
    assert.equal(verdict.lostWrites, 1);
    assert.deepEqual(verdict.violations, ['1 acknowledged writes lost']);
  });

  test('sees an effect that happened twice, on one target or on two', () => {
    for (const journals of [
      [[1, 1], []],
      [[1], [1]],
    ]) {
      const verdict = judged([outcome('write', { id: 1 })], { journals });
      assert.equal(verdict.doubledEffects, 1);
      assert.equal(verdict.violations.length, 1);
    }
  });

  test('does not ask for the effect of a write that failed', () => {
    const strikes = [strike('kill connector', 'connector-1')];
    const failed = outcome('write', { id: 3, isDone: false, incidents: [incident('status')] });
    for (const journals of [[[]], [[3]]]) assert.deepEqual(judged([failed], { strikes, journals }).violations, []);
  });

  test('tells stalls of streams and counts requests by kind', () => {
    const outcomes = [
      outcome('item', { stallMs: 9_999 }),
      ...[10, 20, 30].map((stallMs) => outcome('download', { stallMs })),
    ];
    const verdict = judged(outcomes);
    assert.deepEqual(verdict.stallsMs, { p50: 20, p99: 30, most: 30 });
    assert.deepEqual(verdict.requests, { item: 1, download: 3 });
  });
});
