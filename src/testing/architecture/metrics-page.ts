/** Writes docs/metrics.md from the registry of metrics, so that the page cannot say anything but what nodes tell. */
import { OBSERVATION_PORTS } from '../../io/metrics/constants.ts';
import type { MetricDefinition } from '../../io/metrics/definition.ts';
import { NOT_READY, type NodeKind, type NotReady } from '../../io/metrics/not-ready.ts';
import { METRIC_GROUPS } from '../../io/metrics/registry.ts';

const REASONS: Readonly<Record<NotReady, string>> = {
  starting: 'it has not begun to work yet',
  stopping: 'it was asked to stop, and finishes what is open',
  draining: 'it takes nobody new: `manis pop drain`, or a stop',
  'store-unreachable': 'its store does not answer within two seconds; PoPs go on without it',
  'snapshot-missing': 'control has not told it anything yet',
  'snapshot-stale': 'it has not heard of control for longer than it may serve without',
  'no-tunnel': 'no tunnel to any PoP is up: `manis doctor` says what is in the way',
};

const NODES = Object.keys(NOT_READY) as NodeKind[];

export function metricsPage(): string {
  return [HEAD, readinessTable(), USE, ...METRIC_GROUPS.map(([title, metrics]) => group(title, metrics))].join('\n');
}

const HEAD = `# Metrics, health and readiness

<!-- Written by \`npm run docs\` from src/io/metrics. -->

Every node tells how it is on a small listener of its own, apart from everything that clients reach:

| path | answer |
|---|---|
| \`/metrics\` | what is counted, in the text format of Prometheus |
| \`/healthz\` | 200 as long as the process lives: restart it where this fails |
| \`/readyz\` | 200 where it can do its work, else 503 with the reasons, by name: send nobody there, and do not restart it |

| node | default | |
|---|---|---|
${NODES.map((node) => `| ${node} | \`127.0.0.1:${OBSERVATION_PORTS[node]}\` | \`--metrics 0.0.0.0:${OBSERVATION_PORTS[node]}\`, \`--metrics off\` |`).join('\n')}

It is reached from the machine alone unless \`--metrics\` says otherwise. There is no secret in it, and no host, address or
person, but how much traffic there is and what runs is nobody else's business: keep it off public networks. On loopback it
answers to addresses of loopback and \`localhost\` alone: no page whose name is made to lead there reads it. Where the
default address is taken the node does without and logs that. In the local network of \`npm start\` (first port N) the PoPs
are at \`127.0.0.1\`, ports N + 4 and N + 5, control at \`[::1]\`, port N + 3, the connector at \`[::1]\`, port N + 6:

\`\`\`
curl http://127.0.0.1:8447/metrics
curl -g 'http://[::1]:8446/readyz'
\`\`\`

## Why a node is not ready
`;

function readinessTable(): string {
  const rows = (Object.keys(REASONS) as NotReady[]).map((reason) => {
    const nodes = NODES.filter((node) => NOT_READY[node].some((one) => one === reason));
    return `| \`${reason}\` | ${nodes.join(', ')} | ${REASONS[reason]} |`;
  });
  return ['| reason | of | meaning |', '|---|---|---|', ...rows, ''].join('\n');
}

const USE = `## Prometheus and Grafana

\`\`\`yaml
# prometheus.yml
scrape_configs:
  - job_name: manis
    scrape_interval: 15s
    static_configs:
      - targets: [control:9464, pop-berlin:9465, connector-office:9466]
\`\`\`

\`packaging/grafana/manis.json\` is a dashboard of these metrics: import it and choose the Prometheus. Worth an alert of
Prometheus beside those that Manis sends itself:

\`\`\`yaml
- alert: ManisNotReady
  expr: manis_ready == 0
  for: 2m
- alert: ManisCertificateEnds
  expr: manis_pop_certificate_earliest_expiry_timestamp_seconds - time() < 7 * 86400
- alert: ManisBackendsFail
  expr: sum by (instance) (rate(manis_pop_problems_total{reason=~"target-.*"}[5m])) > 1
  for: 5m
\`\`\`

Names end in their unit. Label values come from fixed sets (the reasons that log, audit and pages name) or are ids of PoPs:
the number of series does not grow with users, hosts or connectors. Nothing is computed until somebody asks.
`;

function group(title: string, metrics: Readonly<Record<string, MetricDefinition>>): string {
  const rows = Object.entries(metrics).map(([name, { kind, help, labels }]) => {
    const named = Object.entries(labels).map(([label, values]) => `\`${label}\`: ${values}`);
    return `| \`${name}\` | ${kind} | ${help}${named.length > 0 ? ` ${named.join('; ')}.` : ''} |`;
  });
  return [`## ${title}`, '', '| name | kind | meaning, labels |', '|---|---|---|', ...rows, ''].join('\n');
}
