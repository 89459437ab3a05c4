/** The website's host: whether this address may trade. */
import type { Modes } from './modes.ts';
import { json } from './replies.ts';
import type { Routes } from './router.ts';

export interface Whereabouts {
  readonly country: string;
  readonly region: string;
}

export function siteRoutes(modes: Modes, where: () => Whereabouts): Routes {
  return {
    'GET /api/geoblock': (call) => json({ blocked: modes.region === 'blocked', ip: call.remote, ...where() }),
  };
}
