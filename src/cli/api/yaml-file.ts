import { UsageFailure } from '../config/usage-failure.ts';
import { requireText } from '../programs/enrolment.ts';

/** YAML, of which JSON is a part; control judges the contents. */
export async function readYaml(what: string, path: string): Promise<unknown> {
  const text = await requireText(what, path);
  const { parse } = await import('yaml');
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch (error) {
    throw new UsageFailure('setting-invalid', `${path} is not YAML: ${(error as Error).message.split('\n')[0]}`, error);
  }
}
