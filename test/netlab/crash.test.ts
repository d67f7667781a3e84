/** heavy: nodes die without a word, in network namespaces. Takes about 40 s. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { cameThrough, download, eventually, item, pacedFor, upload, webSocket, wentOn } from './streams.ts';
import { SharedWorld } from './world.ts';

describe('a network with two PoPs and two connectors', { timeout: 240_000 }, () => {
  const shared = new SharedWorld({ pops: 2, connectors: 2 });
  after(() => shared.close());

  test('goes on for people who have signed in when control is gone', async (t) => {
    const world = await shared.open(t);
    if (!world) return;
    const person = await world.person();
    const control = world.network.program('control');
    const streams = [await download(person, pacedFor(3)), await upload(person, pacedFor(3))];
    await control.kill();
    for (let i = 0; i < 20; i++) wentOn(await item(person), 'item without control');
    for (const stream of streams) wentOn(await stream.outcome, 'a stream without control');
    await world.pop(0).program.kill();
    await world.pop(0).program.start();
    await eventually(await world.person([0]), 'item by a PoP that started without control');
    await control.start();
    await world.settled();
  });

  test('answers at once by the other address when a PoP is killed, and streams by the other PoP go on', async (t) => {
    const world = await shared.open(t);
    if (!world) return;
    const [person, other] = [await world.person([0, 1]), await world.person([1])];
    const streams = [
      await download(other, pacedFor(4)),
      await upload(other, pacedFor(4)),
      await webSocket(other, { messages: 80, everyMs: 50 }),
    ];
    const cut = await download(person, pacedFor(4));
    await world.pop(0).program.kill();
    const first = await item(person);
    cameThrough(first, 'the first item after the kill');
    assert.ok(first.toUnixMs - first.fromUnixMs < 2_000, `it took ${first.toUnixMs - first.fromUnixMs} ms`);
    for (const stream of streams) wentOn(await stream.outcome, 'a stream by the PoP that lives');
    const resumed = await cut.outcome;
    cameThrough(resumed, 'the download by the PoP that died');
    assert.equal(resumed.resumes, 1);
    await world.pop(0).program.start();
    await world.settled();
    await eventually(await world.person([0]), 'item by the PoP that came back');
  });

  test('fails no GET when a connector is killed and its replica lives', async (t) => {
    const world = await shared.open(t);
    if (!world) return;
    const people = await Promise.all([world.person([0]), world.person([1])]);
    let isOver = false;
    const load = people.map(async (person) => {
      for (let i = 0; i < 40 || !isOver; i++) wentOn(await item(person), 'a GET around the death of a connector');
    });
    await item(people[0] as (typeof people)[number]);
    await world.connector(0).program.kill();
    for (const person of people) for (let i = 0; i < 20; i++) wentOn(await item(person), 'a GET after it');
    isOver = true;
    await Promise.all(load);
    await world.connector(0).program.start();
    await world.settled();
  });
});
