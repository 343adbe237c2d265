// Invented services in HSDS 3.1's full form. Every tenth has a confidential place, whose every
// detail says HIDDEN; every third is for the public.
import {createHash} from 'node:crypto';

// The same id for the same words.
export function uuidOf(words) {
  const hex = createHash('sha256').update(words).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-` +
      hex.slice(20, 32);
}

const cities = ['Seaport', 'Millbrook', 'Ñandutí', 'Fairview'];
const codes = ['shelter_bed', 'counseling', 'legal_immigration', 'food'];

export function syntheticServices(howMany, seed) {
  const taxonomy = {id: uuidOf(`${seed} taxonomy`), name: 'Needs', description: 'What is needed'};
  const term = (code) => ({
    id: uuidOf(`${seed} term ${code}`), code, name: code.replaceAll('_', ' '), description: code,
    taxonomy: 'Needs', taxonomy_detail: taxonomy});
  return Array.from({length: howMany}, (_, i) => {
    const id = (what) => uuidOf(`${seed} ${what} ${i}`);
    const owner = Math.floor(i / 20);
    const confidential = i % 10 === 9;
    const said = (text) => confidential ? `HIDDEN ${text}` : text;
    const city = cities[i % cities.length];
    const schedule = {
      id: id('schedule'), freq: 'WEEKLY', byday: 'MO,TU', opens_at: '09:00', closes_at: '17:00',
      ...(i % 2 ? {timezone: -6} : {timezone_name: 'America/Chicago'})};
    const location = {
      id: id('location'), location_type: 'physical', name: said(`House ${i}`),
      description: said('by the river'), transportation: said('bus 7'),
      latitude: confidential ? 31.5 : 30.25 + i / 10_000, longitude: -97.75,
      addresses: [{
        id: id('address'), address_1: said(`${i} Main St`), city: said(city), state_province: 'TX',
        postal_code: confidential ? 'HIDDEN' : String(78_700 + i % 40), country: 'US',
        address_type: 'physical'}],
      phones: [{id: id('place phone'), number: confidential ? 'HIDDEN' : '+15125550100'}],
      accessibility: [{id: id('access'), description: said('a ramp')}],
      languages: [{id: id('language'), name: 'Spanish', code: 'es'}],
    };
    const attributes = [{id: id('need'), taxonomy_term: term(codes[i % codes.length])}];
    if (i % 3 === 0) attributes.push({id: id('public'), taxonomy_term: term('visibility_public')});
    if (i % 7 === 0) {
      attributes.push({id: id('mail'), link_type: 'email', taxonomy_term: term('visibility_role')});
    }
    return {
      id: id('service'), name: `Service ${i} ${codes[i % codes.length]}`,
      description: `"Help", for ${i}: ${'words '.repeat(i % 30)}`.trim(), status: 'active',
      email: `desk${i}@example.org`, url: 'https://example.org', minimum_age: i % 18,
      ...(confidential && {confidential_location: true}),
      phones: [{
        id: id('phone'), number: `+1512555${String(1000 + i % 9000)}`, extension: i % 100,
        languages: [{id: id('phone language'), code: 'es', name: 'Spanish'}]}],
      contacts: [{id: id('contact'), name: `Desk ${i}`, email: 'desk@example.org'}],
      capacities: [{
        id: id('capacity'), available: i % 5, maximum: 10, updated: '2026-01-31T10:05:00.000Z',
        unit: {id: uuidOf(`${seed} unit`), name: 'bed'}}],
      cost_options: [{id: id('cost'), option: 'Adults', amount: 12.5, currency: 'USD'}],
      required_documents: [{id: id('document'), document: 'None'}],
      funding: [{id: id('funding'), source: 'The county'}],
      schedules: [schedule],
      service_areas: [{id: id('area'), name: said('All of the county'), extent: '48453'}],
      service_at_locations: [{
        id: id('place'), description: said('The front door'), location,
        phones: [{id: id('door phone'), number: confidential ? 'HIDDEN' : '+15125550101'}]}],
      organization: {
        id: uuidOf(`${seed} organization ${owner}`), name: `Organization ${owner}`,
        description: '=HYPERLINK("https://example.org")', email: 'office@example.org',
        website: 'https://example.org', year_incorporated: 1990 + owner % 30},
      attributes,
    };
  });
}
