import { after, before } from 'node:test';
import { ControlWorld, type PopWorld } from './control-world.ts';

/**
 * Begins the tests of a file or suite with a control node and one PoP that is linked to it, and ends both after them.
 * @param begin is given the PoP; what the tests find there is made here.
 */
export function controlWithPop(begin: (pop: PopWorld) => unknown): ControlWorld {
  const world = new ControlWorld();
  before(async () => {
    await world.start();
    await begin(await world.addPop('ams'));
  });
  after(() => world.end());
  return world;
}
