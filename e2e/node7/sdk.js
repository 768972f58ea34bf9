export * from 'intercom-client';

/** updatesCompanies tells whether this version sends the fields of a company that it updates. */
export const updatesCompanies = true;

/** asBody gives an update its fields the way this version takes them: apart from the id. */
export const asBody = (body) => ({ body });
