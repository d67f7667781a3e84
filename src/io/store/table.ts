import { type Kysely, sql } from 'kysely';
import { isPostgres } from './dialect.ts';

type Column = 'id' | 'text' | 'text?' | 'big' | 'big?' | 'int' | 'real' | 'real?';

interface TableOptions {
  readonly unique?: readonly (readonly string[])[];
  readonly references?: Readonly<Record<string, string>>;
  readonly primaryKey?: readonly string[];
  readonly index?: readonly string[];
}

const TYPES = { id: 'text', text: 'text', big: 'bigint', int: 'integer', real: 'double precision' } as const;

/** Texts are compared by their bytes in either dialect, whatever the database was made with, so lists have one order. */
function typeOf(database: Kysely<unknown>, type: (typeof TYPES)[keyof typeof TYPES]) {
  return type === 'text' && isPostgres(database) ? sql`text collate "C"` : type;
}

/** Makes a table whose columns mean the same in either dialect. A `?` allows null, `id` is the primary key. */
export async function table(
  database: Kysely<unknown>,
  name: string,
  columns: Readonly<Record<string, Column>>,
  options: TableOptions = {},
): Promise<void> {
  let builder = database.schema.createTable(name);
  for (const [column, kind] of Object.entries(columns)) {
    const type = typeOf(database, TYPES[kind.replace('?', '') as keyof typeof TYPES]);
    const target = options.references?.[column];
    builder = builder.addColumn(column, type, (definition) => {
      let result = kind.endsWith('?') ? definition : definition.notNull();
      if (kind === 'id') result = result.primaryKey();
      return target ? result.references(`${target}.id`).onDelete('cascade') : result;
    });
  }
  if (options.primaryKey) builder = builder.addPrimaryKeyConstraint(`${name}_key`, [...options.primaryKey] as never[]);
  for (const fields of options.unique ?? [])
    builder = builder.addUniqueConstraint(`${name}_${fields.join('_')}`, [...fields] as never[]);
  await builder.execute();
  for (const column of options.index ?? [])
    await database.schema.createIndex(`${name}_by_${column}`).on(name).column(column).execute();
}
