/** A strict reader of the text format of Prometheus, version 0.0.4: throws at the first line that is not as it should be. */

export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ReadMetrics {
  readonly kinds: ReadonlyMap<string, string>;
  readonly samples: readonly ReadSample[];
  /** The value of the only sample with these labels; NaN where there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number;
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gy;

export function readPrometheusText(text: string): ReadMetrics {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const kinds = new Map<string, string>();
  const helps = new Set<string>();
  const samples: ReadSample[] = [];
  const seen = new Set<string>();
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, what, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (what === 'HELP') {
      if (helps.has(name)) throw new Error(`${name} is explained twice, or not in one piece`);
      helps.add(name);
      current = name;
    } else if (what === 'TYPE') {
      if (name !== current || !/^(?:counter|gauge|histogram)$/.test(rest)) throw new Error(line);
      kinds.set(name, rest);
    } else {
      const sample = readSample(line);
      const family = familyOf(sample.name, kinds);
      if (family !== current) throw new Error(`${line} is not with its metric`);
      const key = line.slice(0, line.lastIndexOf(' '));
      if (seen.has(key)) throw new Error(`${key} comes twice`);
      seen.add(key);
      samples.push(sample);
    }
  }
  return {
    kinds,
    samples,
    value: (name, labels = {}) => {
      const found = samples.filter(
        (sample) =>
          sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      );
      return found.length === 1 ? (found[0] as ReadSample).value : Number.NaN;
    },
  };
}

/** The metric that a sample is of: `x_bucket` is of the histogram `x`. */
export function familyOf(name: string, kinds: ReadonlyMap<string, string>): string {
  const base = name.replace(/_(?:bucket|sum|count)$/, '');
  return kinds.get(base) === 'histogram' ? base : name;
}

function readSample(line: string): ReadSample {
  const [, name, labelText = '', value = ''] = SAMPLE.exec(line) ?? [];
  if (name === undefined || !(value === '+Inf' || Number.isFinite(Number(value))))
    throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  let end = 0;
  for (let match = LABEL.exec(labelText); match; match = LABEL.exec(labelText)) {
    labels[match[1] as string] = (match[2] as string).replaceAll(/\\(.)/g, (_, escaped: string) =>
      escaped === 'n' ? '\n' : escaped,
    );
    end = LABEL.lastIndex;
  }
  if (end !== labelText.length) throw new Error(`no labels: ${line}`);
  return { name, labels, value: Number(value.replace('+Inf', 'Infinity')) };
}
