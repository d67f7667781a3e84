/** The package of this program on the disk: made when it is first asked for, and kept for as long as the program runs. */
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { type MadePackage, makePackage } from './make-package.ts';
import { describePackage } from './package-files.ts';

export class KeptPackage {
  /** `0.1.0` */
  readonly version: string;
  /** `manis-0.1.0.tgz` */
  readonly fileName: string;
  /** `manis.tgz` */
  readonly alias: string;
  readonly #make: () => Promise<MadePackage>;
  #made: Promise<MadePackage> | undefined;

  /**
   * @param root folder of the program's `package.json`.
   * @param folder where the package goes; everything else in it is removed.
   */
  static async of(root: string, folder: string): Promise<KeptPackage> {
    const { name, version } = await describePackage(root);
    return new KeptPackage(name, version, (fileName) => makePackage(root, folder, fileName));
  }

  constructor(name: string, version: string, make: (fileName: string) => Promise<MadePackage>) {
    this.version = version;
    this.fileName = `${name}-${version}.tgz`;
    this.alias = `${name}.tgz`;
    this.#make = () => make(this.fileName);
  }

  /** Made once, however many ask at the same time. Where that fails, the next one to ask has it made anew. */
  made(): Promise<MadePackage> {
    this.#made ??= this.#make().catch((error: unknown) => {
      this.#made = undefined;
      throw error;
    });
    return this.#made;
  }

  /** Its bytes from the disk, a piece at a time. A file that somebody removed is made anew. */
  async open(): Promise<Readable> {
    const { path } = await this.made();
    const file = await open(path).catch(() => undefined);
    if (file) return file.createReadStream();
    this.#made = undefined;
    return (await open((await this.made()).path)).createReadStream();
  }
}
