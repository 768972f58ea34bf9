export * from 'intercom-client';

/** updatesCompanies tells whether this version sends the fields of a company that it updates. */
export const updatesCompanies = false;

/** asBody gives an update its fields the way this version takes them: beside the id. */
export const asBody = (fields) => fields;
