import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLog, type Log, type LogLevel } from './log.ts';

/** What a log wrote, line by line, without the time. */
function written(level: LogLevel, act: (log: Log) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  act(createLog({ level, fields: { program: 'pop' }, destination: { write: (line) => lines.push(line) } }));
  return lines.map((line) => {
    const { time, ...rest } = JSON.parse(line);
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    return rest;
  });
}

describe('the log', () => {
  test('writes one object a line', () => {
    assert.deepEqual(
      written('info', (log) => {
        log.info('tunnel up', { rttMs: 3 });
        log.warn('tunnel down');
      }),
      [
        { level: 'info', program: 'pop', rttMs: 3, event: 'tunnel up' },
        { level: 'warn', program: 'pop', event: 'tunnel down' },
      ],
    );
  });

  test('leaves out what is below its level', () => {
    const events = written('warn', (log) => {
      log.debug('a');
      log.info('b');
      log.warn('c');
      log.error('d');
    }).map((line) => line['event']);
    assert.deepEqual(events, ['c', 'd']);
    assert.deepEqual(
      written('silent', (log) => log.error('x')),
      [],
    );
  });

  test('a child adds its fields', () => {
    assert.deepEqual(
      written('info', (log) => log.child({ site: 'home' }).info('x')),
      [{ level: 'info', program: 'pop', site: 'home', event: 'x' }],
    );
  });

  test('never writes a secret', () => {
    const [line] = written('info', (log) => log.info('x', { token: 'abc', user: { password: 'def' } }));
    assert.deepEqual(line, {
      level: 'info',
      program: 'pop',
      token: '[secret]',
      user: { password: '[secret]' },
      event: 'x',
    });
  });

  test('nothing in a line is obeyed by a terminal, and programs read what it was', () => {
    const path = '/\u001b[2J\u009b2J\u007f\u202e\u2028\n';
    const lines: string[] = [];
    createLog({ level: 'info', destination: { write: (line) => lines.push(line) } }).info('request', { path });
    assert.equal(lines.length, 1);
    assert.doesNotMatch(lines[0]?.slice(0, -1) ?? '', /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    assert.equal(JSON.parse(lines[0] ?? '').path, path);
  });

  test('an error is written with its message and stack', () => {
    const [line] = written('info', (log) => log.error('x', { error: new Error('broken') }));
    const error = line?.['error'] as { message: string; stack: string };
    assert.equal(error.message, 'broken');
    assert.match(error.stack, /log\.test\.ts/);
  });
});
