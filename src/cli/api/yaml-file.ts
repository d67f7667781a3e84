import { UsageFailure } from '../config/usage-failure.ts';
import { requireText } from '../programs/enrolment.ts';

/** YAML, of which JSON is a part; control judges the contents. The file may be another product's, or anybody's. */
export async function readYaml(what: string, path: string): Promise<unknown> {
  const text = await requireText(what, path);
  const { readYaml: read } = await import('../../io/yaml-document.ts');
  const document = read(text);
  if (document.ok) return document.json;
  throw new UsageFailure('setting-invalid', `${path} is not YAML: line ${document.line}: ${document.message}`);
}
