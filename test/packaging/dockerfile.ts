/** A Dockerfile as stages of instructions: what this repository's needs of the language, and nothing is passed over. */

export interface Instruction {
  readonly name: string;
  /** As written, with variables of ARG replaced. */
  readonly text: string;
  /** Of COPY and HEALTHCHECK: `--from=build`. */
  readonly flags: Readonly<Record<string, string>>;
  /** The words of the JSON form, or those of COPY and its like. */
  readonly words: readonly string[];
  readonly isJson: boolean;
}

export interface Stage {
  readonly base: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

const KNOWN = /^(FROM|ARG|RUN|COPY|WORKDIR|ENV|USER|LABEL|VOLUME|EXPOSE|HEALTHCHECK|ENTRYPOINT|CMD)$/;

/** @param args of the build, over the defaults of ARG. */
export function parseDockerfile(source: string, args: Readonly<Record<string, string>> = {}): Stage[] {
  const stages: { base: string; name: string | undefined; instructions: Instruction[] }[] = [];
  const values: Record<string, string> = {};
  for (const line of logicalLines(source)) {
    const instruction = parseInstruction(line.replace(/\$\{(\w+)\}/g, (_, name: string) => argumentOf(values, name)));
    if (instruction.name === 'ARG') {
      const [name = '', value = ''] = instruction.text.split('=', 2);
      values[name] = args[name] ?? value;
    } else if (instruction.name === 'FROM') {
      const [base = '', as, name] = instruction.text.split(/\s+/);
      if (as !== undefined && as.toUpperCase() !== 'AS') throw new Error(`FROM ${instruction.text}`);
      stages.push({ base, name, instructions: [] });
    } else {
      const stage = stages.at(-1);
      if (!stage) throw new Error(`${line} stands before FROM`);
      stage.instructions.push(instruction);
    }
  }
  return stages;
}

function argumentOf(values: Readonly<Record<string, string>>, name: string): string {
  const value = values[name];
  if (value === undefined) throw new Error(`\${${name}} has no ARG`);
  return value;
}

/** Without comments, continued lines as one. */
function logicalLines(source: string): string[] {
  return source
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function parseInstruction(line: string): Instruction {
  const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
  if (!KNOWN.test(name)) throw new Error(`${line}: this instruction is not known`);
  const flags: Record<string, string> = {};
  const text = rest.replace(/^(--[\w-]+(=\S+)?\s+)+/, (all) => {
    for (const flag of all.trim().split(/\s+/)) {
      const [key = '', value = 'true'] = flag.slice(2).split('=', 2);
      flags[key] = value;
    }
    return '';
  });
  const json = /^(CMD\s+)?(\[.*\])$/.exec(text)?.[2];
  const words = json === undefined ? text.split(/\s+/) : (JSON.parse(json) as string[]);
  return { name, text, flags, words, isJson: json !== undefined };
}
