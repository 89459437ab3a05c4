/**
 * The National Weather Service: points, stations, observations with quality control codes, forecast.
 *
 * Temperatures follow a day's curve around what a station was given. Links in replies lead back to where the request
 * came from, so that a client which follows them stays in the simulation.
 */
import type { ServerReply } from '../../domain/ports/local-server.ts';
import {
  type AuxiliaryCall,
  type AuxiliaryParts,
  AuxiliaryServer,
  type Handled,
  isoSeconds,
} from './auxiliary-server.ts';

export interface Station {
  /** `KNYC` */
  readonly id: string;
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly gridId: string;
  readonly gridX: number;
  readonly gridY: number;
  readonly timeZone: string;
  readonly meanCelsius: number;
}

export interface WeatherOptions extends AuxiliaryParts {
  readonly stations: readonly Station[];
}

const HOUR_MS = 3_600_000;
/** Observations are made at so many minutes past the hour, and seen some minutes later. */
const OBSERVED_AT_MS = 51 * 60_000;
const SEEN_AFTER_MS = 4 * 60_000;
const SWING_CELSIUS = 5;

export class WeatherServer extends AuxiliaryServer {
  readonly #stations: readonly Station[];
  /** Added to every reading of a station, for scenarios. */
  readonly #shifts = new Map<string, number>();
  readonly #unknown = new Set<string>();

  constructor(options: WeatherOptions) {
    super('weather', options);
    this.#stations = options.stations;
  }

  shift(stationId: string, celsius: number): void {
    this.#shifts.set(stationId, celsius);
  }

  /** The next readings have no value: quality control has not seen them (`qc:Z`). */
  setMissing(stationId: string, isMissing: boolean): void {
    if (isMissing) this.#unknown.add(stationId);
    else this.#unknown.delete(stationId);
  }

  protected handle({ method, path, headers }: AuxiliaryCall): Handled {
    if ((headers['user-agent'] ?? '').trim() === '')
      return problem(403, 'Forbidden', 'Requests must identify the client with a User-Agent header');
    if (method !== 'GET') return problem(404, 'Not Found', `'${path}' is not a valid resource path`);
    const origin = `http://${headers.host ?? 'localhost'}`;
    const point = /^\/points\/(-?[\d.]+),(-?[\d.]+)$/.exec(path);
    if (point !== null) return this.#point(origin, Number(point[1]), Number(point[2]));
    const grid = /^\/gridpoints\/([A-Z]{3})\/(\d+),(\d+)\/(stations|forecast|forecast\/hourly)$/.exec(path);
    const gridded = this.#stations.find(
      ({ gridId, gridX, gridY }) => grid?.slice(1, 4).join() === [gridId, gridX, gridY].join(),
    );
    if (gridded !== undefined)
      return grid?.[4] === 'stations'
        ? geo(stationList(origin, gridded))
        : geo(this.#forecast(gridded, grid?.[4] === 'forecast' ? 12 : 1));
    const observed = /^\/stations\/([A-Z0-9]{4})\/observations(\/latest)?$/.exec(path);
    const station = this.#stations.find(({ id }) => id === observed?.[1]);
    if (station === undefined) return problem(404, 'Not Found', `'${path}' is not a valid resource path`);
    if (observed?.[2] !== undefined) return geo(this.#observation(origin, station, this.#latestMs()));
    const features = Array.from({ length: 6 }, (_, back) =>
      this.#observation(origin, station, this.#latestMs() - back * HOUR_MS),
    );
    return geo({ type: 'FeatureCollection', features });
  }

  #point(origin: string, latitude: number, longitude: number): ServerReply {
    const near = this.#stations.find(
      (station) => Math.abs(station.latitude - latitude) < 0.5 && Math.abs(station.longitude - longitude) < 0.5,
    );
    if (near === undefined)
      return problem(
        404,
        'Data Unavailable For Requested Point',
        `Unable to provide data for requested point ${latitude},${longitude}`,
      );
    const grid = `${origin}/gridpoints/${near.gridId}/${near.gridX},${near.gridY}`;
    return geo({
      id: `${origin}/points/${latitude},${longitude}`,
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [longitude, latitude] },
      properties: {
        cwa: near.gridId,
        gridId: near.gridId,
        gridX: near.gridX,
        gridY: near.gridY,
        forecast: `${grid}/forecast`,
        forecastHourly: `${grid}/forecast/hourly`,
        forecastGridData: grid,
        observationStations: `${grid}/stations`,
        timeZone: near.timeZone,
        radarStation: near.id,
      },
    });
  }

  #observation(origin: string, station: Station, atMs: number): unknown {
    const isMissing = this.#unknown.has(station.id);
    const quality = isMissing ? 'qc:Z' : 'qc:V';
    const celsius = Math.round(this.#celsius(station, atMs) * 10) / 10;
    const value = (unitCode: string, number: number): unknown => ({
      unitCode,
      value: isMissing ? null : number,
      qualityControl: quality,
    });
    const timestamp = isoSeconds(atMs).replace('Z', '+00:00');
    return {
      id: `${origin}/stations/${station.id}/observations/${timestamp}`,
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [station.longitude, station.latitude] },
      properties: {
        '@type': 'wx:ObservationStation',
        station: `${origin}/stations/${station.id}`,
        stationId: station.id,
        stationName: station.name,
        timestamp,
        rawMessage: '',
        textDescription: 'Mostly Clear',
        temperature: value('wmoUnit:degC', celsius),
        dewpoint: value('wmoUnit:degC', Math.round((celsius - 6) * 10) / 10),
        windSpeed: value('wmoUnit:km_h-1', 11.1),
        barometricPressure: value('wmoUnit:Pa', 101_300),
        relativeHumidity: value('wmoUnit:percent', 58.2),
        maxTemperatureLast24Hours: { unitCode: 'wmoUnit:degC', value: null },
        minTemperatureLast24Hours: { unitCode: 'wmoUnit:degC', value: null },
      },
    };
  }

  #forecast(station: Station, hours: number): unknown {
    const startMs = Math.floor(this.nowMs() / HOUR_MS) * HOUR_MS;
    const periods = Array.from({ length: 14 }, (_, at) => {
      const fromMs = startMs + at * hours * HOUR_MS;
      const celsius = this.#celsius(station, fromMs + (hours * HOUR_MS) / 2);
      return {
        number: at + 1,
        name: '',
        startTime: isoSeconds(fromMs).replace('Z', '+00:00'),
        endTime: isoSeconds(fromMs + hours * HOUR_MS).replace('Z', '+00:00'),
        isDaytime: at % 2 === 0,
        temperature: Math.round(celsius * 1.8 + 32),
        temperatureUnit: 'F',
        temperatureTrend: null,
        probabilityOfPrecipitation: { unitCode: 'wmoUnit:percent', value: 10 },
        windSpeed: '10 mph',
        windDirection: 'NW',
        shortForecast: 'Mostly Sunny',
      };
    });
    const updated = isoSeconds(startMs).replace('Z', '+00:00');
    return { type: 'Feature', properties: { units: 'us', generatedAt: updated, updateTime: updated, periods } };
  }

  /** Warmest in the afternoon of the place, which its longitude tells well enough. */
  #celsius(station: Station, atMs: number): number {
    const localHour = ((atMs / HOUR_MS + station.longitude / 15) % 24) + 24;
    const shift = this.#shifts.get(station.id) ?? 0;
    return station.meanCelsius + shift + SWING_CELSIUS * Math.cos(((localHour - 15) / 24) * 2 * Math.PI);
  }

  #latestMs(): number {
    const seenMs = this.nowMs() - SEEN_AFTER_MS - OBSERVED_AT_MS;
    return Math.floor(seenMs / HOUR_MS) * HOUR_MS + OBSERVED_AT_MS;
  }
}

function stationList(origin: string, station: Station): unknown {
  const properties = { stationIdentifier: station.id, name: station.name, timeZone: station.timeZone };
  const geometry = { type: 'Point', coordinates: [station.longitude, station.latitude] };
  const id = `${origin}/stations/${station.id}`;
  return {
    type: 'FeatureCollection',
    features: [{ id, type: 'Feature', geometry, properties }],
    observationStations: [id],
  };
}

function geo(value: unknown): ServerReply {
  return { status: 200, headers: { 'content-type': 'application/geo+json' }, body: JSON.stringify(value) };
}

function problem(status: number, title: string, detail: string): ServerReply {
  const type = `https://api.weather.gov/problems/${title.replaceAll(' ', '')}`;
  return {
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: JSON.stringify({ type, title, status, detail, instance: 'simulated', correlationId: 'simulated' }),
  };
}
