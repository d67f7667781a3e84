import { METRIC_SERIES_MAX } from './constants.ts';
import type { Distribution } from './distribution.ts';
import { type LabelsOf, METRICS, type MetricName } from './registry.ts';

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | Distribution;
}

/** What one answer tells: samples are added in any order, and written by metric. */
export class Samples {
  readonly #series = new Map<MetricName, Series[]>();
  #leftOut = 0;

  get leftOut(): number {
    return this.#leftOut;
  }

  /** Nothing where the value is unknown. */
  add<Name extends MetricName>(name: Name, value: number | Distribution | undefined, labels?: LabelsOf<Name>): void {
    if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return;
    const series = this.#series.get(name) ?? [];
    this.#series.set(name, series);
    if (series.length < METRIC_SERIES_MAX) series.push({ labels: labels ?? {}, value });
    else this.#leftOut++;
  }

  /** One sample for each name that something was counted under. */
  addEach<Name extends MetricName>(
    name: Name,
    counts: Readonly<Record<string, number | undefined>>,
    labels: (counted: string) => LabelsOf<Name>,
  ): void {
    for (const [counted, count] of Object.entries(counts)) this.add(name, count, labels(counted));
  }

  /** The text format of Prometheus, version 0.0.4. */
  text(): string {
    const lines: string[] = [];
    for (const [name, { kind, help }] of Object.entries(METRICS)) {
      const series = this.#series.get(name as MetricName);
      if (!series) continue;
      lines.push(`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${kind}`);
      for (const { labels, value } of series) {
        if (typeof value === 'number') lines.push(`${name}${labelText(labels)} ${value}`);
        else addDistribution(lines, name, labels, value);
      }
    }
    return `${lines.join('\n')}\n`;
  }
}

function addDistribution(lines: string[], name: string, labels: Series['labels'], of: Distribution): void {
  let count = 0;
  of.counts.forEach((own, i) => {
    count += own;
    const le = i < of.boundsSeconds.length ? String(of.boundsSeconds[i]) : '+Inf';
    lines.push(`${name}_bucket${labelText({ ...labels, le })} ${count}`);
  });
  lines.push(`${name}_sum${labelText(labels)} ${of.sumSeconds}`, `${name}_count${labelText(labels)} ${count}`);
}

function labelText(labels: Series['labels']): string {
  const texts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`);
  return texts.length > 0 ? `{${texts.join(',')}}` : '';
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
