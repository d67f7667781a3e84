import { Distribution } from '../io/metrics/distribution.ts';
import type { StageTimes } from './request-course.ts';

/** How long requests to resources took, by stage. */
export class StageMeter {
  readonly stages: Readonly<Record<keyof StageTimes, Distribution>> = {
    judge: new Distribution(),
    way: new Distribution(),
    backend: new Distribution(),
    total: new Distribution(),
  };

  observe({ judge, way, backend, total }: StageTimes): void {
    if (judge !== undefined) this.stages.judge.observeMs(judge);
    if (way !== undefined) this.stages.way.observeMs(way);
    if (backend !== undefined) this.stages.backend.observeMs(backend);
    this.stages.total.observeMs(total);
  }
}
