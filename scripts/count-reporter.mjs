// A reporter for node's test runner that writes what test.mjs needs for its last line, as one JSON object.
export async function* countTests(events) {
  let passed = 0;
  let failed = 0;
  const skipped = [];
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    // A suite is counted by its tests, and a file by what is in it; both count themselves only when
    // they break by themselves.
    if (data.details?.type === 'suite' && type === 'test:pass') continue;
    if (data.details?.error?.failureType === 'subtestsFailed') continue;
    if (type === 'test:fail') failed++;
    else if (data.skip !== undefined) skipped.push({ name: data.name, reason: reasonOf(data.skip) });
    else passed++;
  }
  yield JSON.stringify({ passed, failed, skipped });
}

function reasonOf(skip) {
  return typeof skip === 'string' && skip !== '' ? skip : 'no reason given';
}

// biome-ignore lint/style/noDefaultExport: node's test runner takes a reporter as a default export.
export default countTests;
