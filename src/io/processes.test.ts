import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createClock } from './clock.ts';
import { type ProcessExit, restartDelayMs, SupervisedProcess } from './processes.ts';

const parentProcess = join(import.meta.dirname, 'parent-process.ts');
const clock = createClock();

describe('a restart waits', () => {
  const table: [quickDeaths: number, delayMs: number][] = [
    [0, 100],
    [1, 200],
    [5, 3200],
    [6, 5000],
    [60, 5000],
  ];
  for (const [quickDeaths, delayMs] of table) {
    test(`${delayMs} ms after ${quickDeaths} quick deaths`, () => assert.equal(restartDelayMs(quickDeaths), delayMs));
  }
});

describe('a supervised process', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'manis-processes-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  interface Life {
    readonly process: SupervisedProcess;
    readonly logFile: string;
    readonly deaths: ProcessExit[];
    /** The pid with which it was ready for the nth time (from 0). */
    readyPid(time: number): Promise<number>;
  }

  function live(name: string, program: string): Life {
    const entry = join(folder, `${name}.mts`);
    const logFile = join(folder, `${name}.log`);
    writeFileSync(entry, `import * as parent from ${JSON.stringify(parentProcess)};\n${program}`);
    const ready = Array.from({ length: 3 }, () => Promise.withResolvers<number>());
    const deaths: ProcessExit[] = [];
    let times = 0;
    const observer = {
      ready: (pid: number) => ready[times++]?.resolve(pid),
      died: (exit: ProcessExit) => void deaths.push(exit),
    };
    const readyPid = (time: number) => (ready[time] as PromiseWithResolvers<number>).promise;
    return {
      process: new SupervisedProcess({ name, entry, args: [], logFile }, observer, clock),
      logFile,
      deaths,
      readyPid,
    };
  }

  const wellBehaved = `
    console.log('born');
    const alive = setInterval(() => {}, 1000);
    parent.onStopRequest({ nowMs: () => 0, unixMs: () => 0 }, () => { console.log('stopping'); clearInterval(alive); process.disconnect(); });
    parent.reportReady({ port: 5 });`;

  test('says that it is ready, with its details, and stops when asked', async () => {
    const life = live('well', wellBehaved);
    assert.deepEqual(await life.process.start(20_000), { port: 5 });
    assert.equal(life.process.pid, await life.readyPid(0));
    await life.process.stop(10_000);
    assert.equal(readFileSync(life.logFile, 'utf8'), 'born\nstopping\n');
    assert.deepEqual(life.deaths, []);
  });

  test('is started again when it is killed, and says what killed it', async () => {
    const life = live('killed', wellBehaved);
    await life.process.start(20_000);
    const firstPid = await life.readyPid(0);
    process.kill(firstPid, 'SIGKILL');
    const secondPid = await life.readyPid(1);
    assert.notEqual(secondPid, firstPid);
    assert.equal(life.process.pid, secondPid);
    assert.deepEqual(life.deaths, [{ code: null, signal: 'SIGKILL' }]);
    await life.process.stop(10_000);
    assert.equal(life.process.pid, undefined);
  });

  test('that does not stop is killed', async () => {
    const life = live('stubborn', `process.on('SIGTERM', () => {}); setInterval(() => {}, 9); parent.reportReady({});`);
    await life.process.start(20_000);
    await life.process.stop(50);
    assert.throws(() => process.kill(life.process.pid ?? 2 ** 30, 0));
  });

  test('that fails before it is ready is not started again and says why in its own words', async () => {
    const life = live('failing', `await parent.reportFailed({ code: 'port-in-use', message: 'port 5 is in use' });`);
    await assert.rejects(life.process.start(20_000), { code: 'port-in-use', message: 'port 5 is in use' });
    assert.equal(life.process.pid, undefined);
  });

  test('that ends without a word names its log', async () => {
    const life = live('silent', 'process.exit(3);');
    await assert.rejects(life.process.start(20_000), {
      code: 'process-ended-early',
      message: /\(3\); see .*silent\.log/,
    });
  });

  for (const outcome of [`parent.reportReady({})`, `parent.reportFailed({ code: 'late', message: '' })`]) {
    test(`that is asked to stop while it starts is gone afterwards: ${outcome}`, async () => {
      const program = `setTimeout(() => process.exit(), 3000); process.on('SIGTERM', () => ${outcome}); console.log('born');`;
      const life = live(outcome.replace(/\W/g, ''), program);
      const started = life.process.start(20_000).catch(() => undefined);
      while (!existsSync(life.logFile) || !readFileSync(life.logFile, 'utf8').includes('born')) await setImmediate();
      await life.process.stop(100);
      await started;
      assert.equal(life.process.pid, undefined);
    });
  }

  test('that is never ready is given up', async () => {
    const life = live('slow', 'setInterval(() => {}, 1000);');
    await assert.rejects(life.process.start(300), { code: 'process-not-ready' });
  });
});
