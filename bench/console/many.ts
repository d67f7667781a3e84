/** Many applications like the demo's, put into control's store while nobody has it open: one by one over the API takes hours. */
import { openSqliteStore } from '../../src/io/store/index.ts';

const FIRST_OVERLAY_PORT = 10_000;

/** @param controlDir the folder of the control node. */
export async function publishMany(controlDir: string, count: number): Promise<void> {
  const store = await openSqliteStore({ dataDir: controlDir, nowUnixMs: Date.now() });
  try {
    await store.publish(async (transaction) => {
      const resource = await transaction.selectFrom('resources').selectAll().executeTakeFirstOrThrow();
      const target = await transaction.selectFrom('targets').selectAll().executeTakeFirstOrThrow();
      for (let i = 0; i < count; i++) {
        const number = String(i).padStart(5, '0');
        const [host, id] = [`app-${number}.manis.localhost`, `res_${number.padStart(26, '0')}`];
        const made = { id, name: `Application ${number}`, host };
        await transaction
          .insertInto('resources')
          .values({ ...resource, ...made })
          .execute();
        const way = { id: `tgt_${number.padStart(26, '0')}`, resource_id: id, overlay_port: FIRST_OVERLAY_PORT + i };
        await transaction
          .insertInto('targets')
          .values({ ...target, ...way })
          .execute();
      }
    });
  } finally {
    await store.close();
  }
}
