package store

// Kept are how many contacts and pages of lists of contacts are in memory, be they as they were or not.
func Kept(s *Store) (contacts, pages int) {
	s.kept.contacts.Each(func(string, string) { contacts++ })
	s.kept.contactPages.Each(func(string, string) { pages++ })
	return contacts, pages
}
