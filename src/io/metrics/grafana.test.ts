import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MetricDefinition } from './definition.ts';
import { METRICS } from './registry.ts';

const FILE = join(import.meta.dirname, '..', '..', '..', 'packaging', 'grafana', 'manis.json');
const DASHBOARD = JSON.parse(readFileSync(FILE, 'utf8')) as {
  panels: { title: string; gridPos: { x: number; w: number }; targets?: { expr: string; legendFormat: string }[] }[];
  templating: { list: { definition?: string }[] };
};
const KNOWN: Readonly<Record<string, MetricDefinition>> = METRICS;
const queries = DASHBOARD.panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));

/** The metric of a name in a query, and the labels that its series have. */
function metricOf(name: string): { definition: MetricDefinition; labels: Set<string> } | undefined {
  const base = name.replace(/_(?:bucket|sum|count)$/, '');
  const histogram = KNOWN[base]?.kind === 'histogram' ? KNOWN[base] : undefined;
  const definition = KNOWN[name] ?? histogram;
  // Prometheus adds where the series is from.
  return definition && { definition, labels: new Set(['instance', 'le', ...Object.keys(definition.labels)]) };
}

test('the dashboard asks for metrics that there are, by labels that they have', () => {
  assert.ok(queries.length > 25);
  for (const { title, expr, legendFormat } of queries) {
    const selectors = [...expr.matchAll(/\b((?:manis|process)_\w+)(?:\{([^}]*)\})?/g)];
    assert.ok(selectors.length > 0, `${title}: ${expr}`);
    const labels = new Set<string>();
    for (const [, name = '', matchers = ''] of selectors) {
      const metric = metricOf(name);
      assert.ok(metric, `${title} asks for ${name}`);
      for (const label of metric.labels) labels.add(label);
      for (const [, label = ''] of matchers.matchAll(/(\w+)\s*=/g))
        assert.ok(metric.labels.has(label), `${name} ${label}`);
      const isRate = expr.includes(`rate(${name}`);
      const isCounted = metric.definition.kind !== 'gauge';
      assert.equal(isRate, isCounted, `${title}: rate is for what only grows`);
    }
    const asked = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(/,\s*/));
    const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name);
    for (const label of [...asked, ...shown]) assert.ok(labels.has(label), `${title}: ${label}`);
  }
  const [, variable] = DASHBOARD.templating.list;
  assert.ok(KNOWN[/label_values\((\w+)/.exec(variable?.definition ?? '')?.[1] ?? '']);
});

test('its panels have titles of their own and stand side by side', () => {
  const titles = DASHBOARD.panels.map(({ title }) => title);
  assert.equal(new Set(titles).size, titles.length);
  for (const { gridPos } of DASHBOARD.panels) assert.ok(gridPos.x + gridPos.w <= 24);
});
