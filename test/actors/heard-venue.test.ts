import { expect, it } from 'vitest';
import { heardVenue } from '../../src/actors/heard-venue.ts';
import type { Reading } from '../../src/domain/ports/venue.ts';
import { ScriptedVenue } from '../support/scripted-venue.ts';

it('hears what a venue answers, and nothing of what our own closing cuts short', async () => {
  const scripted = new ScriptedVenue();
  const heard: Reading<unknown>['kind'][] = [];
  const venue = heardVenue(scripted.asVenue(), {
    onOrder: () => undefined,
    onCancel: () => undefined,
    onReading: ({ kind }) => heard.push(kind),
  });
  const failing = venue.status();
  scripted.statusReads.fail();
  await failing;
  const inFlight = venue.status();
  await venue.close();
  expect(await inFlight).toMatchObject({ kind: 'failed' });
  expect(heard).toEqual(['failed']);
});
