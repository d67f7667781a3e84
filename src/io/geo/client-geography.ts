import type { IpAddress } from '../../base/index.ts';
import type { AddressPlace } from '../../core/policy/index.ts';
import { isPublicAddress } from '../../core/steering/index.ts';
import { type AsnTable, openAsnTable } from './asn-table.ts';
import { type OpenGeoDatabase, openGeoDatabase } from './geo-database.ts';

export interface GeographyOptions {
  /** A MaxMind DB of countries or cities in place of the table of the package. */
  readonly geoDatabase?: string;
  /** A MaxMind DB of autonomous systems in place of the table of the package. */
  readonly asnDatabase?: string;
  /** Something could not be read: what it would have said stays unknown. */
  readonly failed: (error: unknown) => void;
}

/** What policies ask of addresses. */
export interface GeographyNeeds {
  readonly country: boolean;
  readonly asn: boolean;
}

/** Where clients are, for policies: offline, and read only where a policy asks. Until it is read everything is unknown. */
export class ClientGeography {
  readonly #options: GeographyOptions;
  #countries: OpenGeoDatabase | undefined;
  #asns: AsnTable | undefined;
  #countriesOpening: Promise<void> | undefined;
  #asnsOpening: Promise<void> | undefined;

  constructor(options: GeographyOptions) {
    this.#options = options;
  }

  /** Resolved when what is needed is there, or known not to be had. */
  async want({ country, asn }: GeographyNeeds): Promise<void> {
    const { geoDatabase, failed } = this.#options;
    if (country)
      this.#countriesOpening ??= openGeoDatabase(geoDatabase).then((database) => {
        this.#countries = database;
      }, failed);
    if (asn)
      this.#asnsOpening ??= this.#openAsns().then((table) => {
        this.#asns = table;
      }, failed);
    await Promise.all([this.#countriesOpening, this.#asnsOpening]);
  }

  /** Undefined where nobody knows. */
  placeOf(address: IpAddress): AddressPlace | undefined {
    if (!isPublicAddress(address)) return undefined;
    const place = this.#countries?.addressPlace(address);
    const asn = this.#asns?.asn(address) ?? place?.asn;
    if (asn === undefined || asn === place?.asn) return place;
    return { ...place, asn };
  }

  async #openAsns(): Promise<AsnTable> {
    const { asnDatabase } = this.#options;
    if (asnDatabase === undefined) return await openAsnTable();
    const database = await openGeoDatabase(asnDatabase);
    return { asn: (address) => database.addressPlace(address)?.asn };
  }
}
