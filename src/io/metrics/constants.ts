/** Series of one metric that are told: label values are from fixed sets, and this is what a mistake in that may cost. */
export const METRIC_SERIES_MAX = 500;
/** Bounds of how long things take, in seconds: from less than a judgement to the longest wait of a request. */
export const DURATION_BOUNDS_SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];
/** Connections to the listener for metrics and health: a few scrapers and probes. */
export const OBSERVATION_CONNECTIONS_MAX = 32;
/** Time for the head of a request to that listener: whoever asks is near. */
export const OBSERVATION_HEADERS_TIMEOUT_MS = 5_000;
/** How often the event loop is looked at once somebody wants to know: often enough for a maximum, too seldom to cost. */
export const OBSERVATION_LOOP_RESOLUTION_MS = 50;
/** Three nodes on one machine do not get in one another's way. The first is the port that exporters of OpenTelemetry have. */
export const OBSERVATION_PORTS = { control: 9464, pop: 9465, connector: 9466 } as const;
