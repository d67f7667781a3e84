/**
 * `npm run bench -- steering`: whether clients get the nearest healthy PoP, whether load is shared before a PoP is full
 * (both in worlds under a virtual clock, which run the production core), and what an answer costs.
 */
import type { Bench } from '../main.ts';
import { type Figures, figure } from '../report.ts';
import { measureAnswer, measureRate } from './answers.ts';
import { measureNearness, measureOverload } from './worlds.ts';

export const steering: Bench = async (say): Promise<Figures> => {
  const worlds = measureNearness(say);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const nearest = worlds.map((world) => world.nearest);
  const overload = measureOverload(say);
  const answerMicroseconds = await measureAnswer();
  // Many addresses of 127/8 without setting them up are Linux's.
  const rate = process.platform === 'linux' ? await measureRate() : undefined;
  return {
    nearestHealthy: figure(mean(nearest), { unit: 'of answers', target: 0.99, better: 'more' }),
    nearestHealthyWorst: figure(Math.min(...nearest), { unit: 'of answers', better: 'more' }),
    nearestByDistance: figure(mean(worlds.map((world) => world.untaught)), { unit: 'of answers', better: 'more' }),
    overload: figure(overload, { unit: 's', target: 30, better: 'less' }),
    answerMicroseconds: figure(answerMicroseconds, { unit: 'us', better: 'less' }),
    ...(rate !== undefined && { answersPerSecond: figure(rate, { unit: '/s', better: 'more' }) }),
  };
};
