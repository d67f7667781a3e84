/** Where an address is, from a file and without asking anybody: a MaxMind DB (MMDB) of countries or of cities. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Reader, type Response } from 'mmdb-lib';
import { Failure, type IpAddress } from '../../base/index.ts';
import { type AddressPlace, CONTINENTS, isAsn } from '../../core/policy/index.ts';
import { type ClientPlace, isPublicAddress } from '../../core/steering/index.ts';
import { continentOf } from './continents.ts';
import { placeOfCountry } from './country-places.ts';

export interface GeoDatabase {
  /** Empty where nobody knows. */
  place(address: IpAddress): ClientPlace;
}

/** A database that also says what policies ask. */
export interface OpenGeoDatabase extends GeoDatabase {
  readonly builtUnixMs: number;
  /** Undefined where nobody knows. */
  addressPlace(address: IpAddress): AddressPlace | undefined;
}

/** Comes with the program; see docs/dns.md for its licence and how to replace it. */
const OWN_DATABASE = '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb';

const NOWHERE: ClientPlace = [];

/** The fields that databases in use have; each may be missing. */
interface Entry {
  readonly location?: { readonly latitude?: unknown; readonly longitude?: unknown };
  readonly latitude?: unknown;
  readonly longitude?: unknown;
  readonly country?: { readonly iso_code?: unknown } | string;
  readonly country_code?: unknown;
  readonly continent?: { readonly code?: unknown };
  readonly autonomous_system_number?: unknown;
  readonly asn?: unknown;
}

/** Reads a database whole, some MB; the country table of the package where no file is given. Failure `geo-database-unreadable`. */
export async function openGeoDatabase(file?: string): Promise<OpenGeoDatabase> {
  const path = file ?? createRequire(import.meta.url).resolve(OWN_DATABASE);
  try {
    const reader = new Reader<Response>(await readFile(path));
    return {
      place: (address) => placeOf(entryIn(reader, address)),
      addressPlace: (address) => addressPlaceOf(entryIn(reader, address)),
      builtUnixMs: reader.metadata.buildEpoch.getTime(),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure('geo-database-unreadable', `${path} is not a MaxMind DB that can be read: ${why}`, error);
  }
}

/**
 * The country table of the package, read when somebody on the Internet asks for the first time: until it is there (some
 * milliseconds) nobody has a place. `failed` is told once where it cannot be read.
 */
export function lazyGeoDatabase(failed: (error: unknown) => void): GeoDatabase {
  let database: GeoDatabase | undefined;
  let isOpening = false;
  const open = async (): Promise<void> => {
    isOpening = true;
    try {
      database = await openGeoDatabase();
    } catch (error) {
      failed(error);
    }
  };
  return {
    place(address) {
      if (database) return database.place(address);
      if (!isOpening && isPublicAddress(address)) void open();
      return NOWHERE;
    },
  };
}

const NOTHING: Entry = {};

function entryIn(reader: Reader<Response>, address: IpAddress): Entry {
  // A database of IPv4 alone would read the first bits of an IPv6 address as one of its own.
  const isOther = address.version === 6 && reader.metadata.ipVersion === 4;
  if (isOther || !isPublicAddress(address)) return NOTHING;
  try {
    return (reader.get(address.text) ?? NOTHING) as Entry;
  } catch {
    // A damaged place of the file.
    return NOTHING;
  }
}

function placeOf(entry: Entry): ClientPlace {
  const latitude = degrees(entry.location?.latitude ?? entry.latitude, 90);
  const longitude = degrees(entry.location?.longitude ?? entry.longitude, 180);
  if (latitude !== undefined && longitude !== undefined) return [{ latitude, longitude, weight: 1 }];
  const code = countryOf(entry);
  return (code === undefined ? undefined : placeOfCountry(code)) ?? NOWHERE;
}

function countryOf(entry: Entry): string | undefined {
  const country = typeof entry.country === 'object' ? entry.country?.iso_code : entry.country;
  const code = entry.country_code ?? country;
  return typeof code === 'string' && /^[A-Z]{2}$/.test(code) ? code : undefined;
}

function addressPlaceOf(entry: Entry): AddressPlace | undefined {
  const country = countryOf(entry);
  const said = CONTINENTS.find((code) => code === entry.continent?.code);
  const continent = said ?? (country === undefined ? undefined : continentOf(country));
  const number = Number(entry.autonomous_system_number ?? entry.asn);
  const asn = isAsn(number) ? number : undefined;
  if (country === undefined && continent === undefined && asn === undefined) return undefined;
  return { ...(country && { country }), ...(continent && { continent }), ...(asn && { asn }) };
}

function degrees(value: unknown, most: number): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Math.abs(number) <= most ? number : undefined;
}
