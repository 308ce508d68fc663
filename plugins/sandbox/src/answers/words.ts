import type { Random } from '../random.js';

const WORDS = [
  'amber',
  'harbor',
  'quiet',
  'lantern',
  'copper',
  'meadow',
  'silver',
  'orchard',
  'gentle',
  'river',
  'marble',
  'signal',
  'velvet',
  'summit',
  'cedar',
  'window',
  'bright',
  'anchor',
  'paper',
  'garden',
  'hollow',
  'ember',
  'northern',
  'bridge',
  'willow',
  'compass',
  'crystal',
  'market',
  'autumn',
  'station',
] as const;

export function word(random: Random): string {
  return random.pick(WORDS);
}

export function words(random: Random, count: number): string {
  return Array.from({ length: count }, () => word(random)).join(' ');
}
