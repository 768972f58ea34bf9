package store

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// Contacts are the people of a workspace: users, leads and visitors.
type Contacts struct{ *scope }

const contactColumns = `id, role, external_id, email, phone, name, pseudonym, avatar, owner_id,
	unsubscribed_from_emails, marked_email_as_spam, has_hard_bounced,
	created_at, updated_at, signed_up_at, last_seen_at, last_replied_at, last_contacted_at,
	last_email_opened_at, last_email_clicked_at, archived_at, session_count, profile, attributes`

func scanContact(row record.Scanner) (*model.Contact, error) {
	var c model.Contact
	err := row.Scan(&c.ID, &c.Role, record.OrEmpty(&c.ExternalID), record.OrEmpty(&c.Email), record.OrEmpty(&c.Phone), record.OrEmpty(&c.Name),
		record.OrEmpty(&c.Pseudonym), record.OrEmpty(&c.Avatar), record.OrZero(&c.OwnerID),
		&c.UnsubscribedFromEmails, &c.MarkedEmailAsSpam, &c.HasHardBounced,
		&c.CreatedAt, &c.UpdatedAt, record.OrZero(&c.SignedUpAt), record.OrZero(&c.LastSeenAt), record.OrZero(&c.LastRepliedAt),
		record.OrZero(&c.LastContactedAt), record.OrZero(&c.LastEmailOpenedAt), record.OrZero(&c.LastEmailClickedAt), record.OrZero(&c.ArchivedAt),
		&c.SessionCount, record.JSONColumn(&c.Profile), record.AttributesColumn(&c.Attributes))
	return &c, err
}

// NewID makes an id for a contact that is about to be inserted.
func (s Contacts) NewID() (model.ContactID, error) {
	return record.NewObjectID[model.ContactID](s.Scope, "contact")
}

// Find reads a user or lead, archived or not, with its relatives.
func (s Contacts) Find(id model.ContactID) (*model.Contact, error) {
	s.expectRelatives(string(id))
	c, err := s.one(`id = $2 AND role <> 'visitor'`, id)
	if err != nil {
		return nil, record.OrNotFound(err, model.UserNotFound())
	}
	return c, s.LoadRelatives(c)
}

// FindForUpdate reads a user or lead and holds it until the transaction ends,
// where the database can. Relatives are not loaded.
func (s Contacts) FindForUpdate(id model.ContactID) (*model.Contact, error) {
	c, err := s.one(`id = $2 AND role <> 'visitor'`+s.Dialect().ForUpdate(), id)
	return s.holding(c, record.OrNotFound(err, model.UserNotFound()))
}

// FindInRole reads the one contact in a role that a reference names and that is
// not archived. An address that several share names none of them.
func (s Contacts) FindInRole(role model.Role, ref model.ContactRef) (*model.Contact, error) {
	return s.inRole(role, ref, "")
}

// FindInRoleForUpdate is FindInRole and holds the contact until the transaction
// ends, where the database can.
func (s Contacts) FindInRoleForUpdate(role model.Role, ref model.ContactRef) (*model.Contact, error) {
	return s.holding(s.inRole(role, ref, s.Dialect().ForUpdate()))
}

func (s Contacts) inRole(role model.Role, ref model.ContactRef, lock string) (*model.Contact, error) {
	condition, arg := naming(ref, "$3")
	found, err := s.list(`SELECT `+contactColumns+` FROM contacts
		WHERE workspace_id = $1 AND role = $2 AND archived_at IS NULL AND `+condition+`
		ORDER BY created_at, id LIMIT 2`+lock, s.Workspace, role, arg)
	switch {
	case err != nil:
		return nil, fmt.Errorf("store: find contact: %w", err)
	case len(found) == 0:
		return nil, model.UserNotFound()
	case len(found) > 1:
		return nil, model.AmbiguousEmail()
	}
	return found[0], nil
}

// FindByPhoneForUpdate reads the user or lead, not archived, whose phone number is
// spelled in one of these ways, and holds it until the transaction ends, where the
// database can. Of several, users come before leads, and then who was seen, wrote
// or came last.
func (s Contacts) FindByPhoneForUpdate(spellings []string) (*model.Contact, error) {
	c, err := scanContact(s.QueryRow(`SELECT `+contactColumns+` FROM contacts
		WHERE workspace_id = $1 AND phone_fold `+s.Dialect().In("$2")+` AND role <> 'visitor' AND archived_at IS NULL
		ORDER BY CASE role WHEN 'user' THEN 0 ELSE 1 END,
			CASE WHEN COALESCE(last_replied_at, 0) > COALESCE(last_seen_at, 0) THEN last_replied_at ELSE COALESCE(last_seen_at, 0) END DESC,
			created_at DESC, id DESC
		LIMIT 1`+s.Dialect().ForUpdate(), s.Workspace, record.ToJSON(spellings)))
	return s.holding(c, record.OrNotFound(err, model.UserNotFound()))
}

// MustExist checks that there is a user or lead with that id.
func (s Contacts) MustExist(id model.ContactID) error {
	var n int
	err := s.QueryRow(`SELECT count(*) FROM contacts WHERE workspace_id = $1 AND id = $2 AND role <> 'visitor'`,
		s.Workspace, id).Scan(&n)
	if err == nil && n == 0 {
		return model.UserNotFound()
	}
	return err
}

// naming is the condition that a contact is the one that a reference names, and
// what the placeholder in it stands for.
func naming(ref model.ContactRef, placeholder string) (condition, arg string) {
	switch {
	case ref.ID != "":
		return `id = ` + placeholder, string(ref.ID)
	case ref.ExternalID != "":
		return `external_id = ` + placeholder, ref.ExternalID
	default:
		return `email_fold = ` + placeholder + ` AND archived_at IS NULL`, model.Fold(ref.Email)
	}
}

// Resolve finds the id of the user or lead that a reference names, archived or
// not where that is told by its id or external id. An address that several share
// names none of them.
func (s Contacts) Resolve(ref model.ContactRef) (model.ContactID, error) { return s.resolve(ref, "") }

// ResolveForUpdate is Resolve and holds the contact until the transaction ends,
// where the database can.
func (s Contacts) ResolveForUpdate(ref model.ContactRef) (model.ContactID, error) {
	return s.resolve(ref, s.Dialect().ForUpdate())
}

func (s Contacts) resolve(ref model.ContactRef, lock string) (model.ContactID, error) {
	condition, arg := naming(ref, "$2")
	var found []model.ContactID
	err := s.Rows(`SELECT id FROM contacts WHERE workspace_id = $1 AND role <> 'visitor' AND `+condition+` LIMIT 2`+lock,
		[]any{s.Workspace, arg}, func(r *db.Rows) error {
			var id model.ContactID
			err := r.Scan(&id)
			found = append(found, id)
			return err
		})
	switch {
	case err != nil:
		return "", fmt.Errorf("store: resolve contact: %w", err)
	case len(found) == 0:
		return "", model.UserNotFound()
	case len(found) > 1:
		return "", model.AmbiguousEmail()
	}
	return found[0], nil
}

// FindConflict reads a contact that may not exist beside c, or nothing; one that
// is not archived, if there is one. The caller holds LockIdentifiers, so that the
// answer stays true.
func (s Contacts) FindConflict(c *model.Contact) (*model.Contact, bool, error) {
	email := model.Fold(c.Email)
	if c.Role != model.RoleUser {
		email = "" // only users are kept apart by it
	}
	near, err := s.list(`SELECT `+contactColumns+` FROM contacts
		WHERE workspace_id = $1 AND id <> $2 AND id IN (
			SELECT id FROM contacts WHERE workspace_id = $1 AND external_id = $3
			UNION ALL SELECT id FROM contacts WHERE workspace_id = $1 AND email_fold = $4 AND role = 'user'
				AND (external_id IS NULL OR CAST($3 AS TEXT) IS NULL))
		ORDER BY archived_at IS NOT NULL, created_at, id LIMIT 2`, s.Workspace, c.ID, record.Text(c.ExternalID), record.Text(email))
	if err != nil {
		return nil, false, fmt.Errorf("store: find conflicting contact: %w", err)
	}
	for _, other := range near {
		if c.ConflictsWith(other) {
			return other, true, nil
		}
	}
	return nil, false, nil
}

// LockUserID keeps others from making a visitor of that user id until the
// transaction ends.
func (s Contacts) LockUserID(id string) error {
	return s.Lock("visitor " + string(s.Workspace) + " " + id)
}

// LockIdentifiers keeps others from taking c's e-mail address until the
// transaction ends. External ids need no lock: an index keeps them apart.
func (s Contacts) LockIdentifiers(c *model.Contact) error {
	if c.Email == "" {
		return nil
	}
	return s.Lock("contact email " + string(s.Workspace) + " " + model.Fold(c.Email))
}

// Search reads a page of the users and leads that are not archived and match
// the filter, if there is one, with their relatives.
func (s Contacts) Search(env query.Env, filter *model.Filter, sort model.Sort, page model.PageRequest) (*model.Page[*model.Contact], error) {
	key := query.Key(env, filter, sort, page)
	if found := atHandIn(s.kept.contactPages, key); found != nil {
		result := withItems(found, contactsOf(found.Items))
		return result, s.complete(result.Items)
	}
	result, err := s.search(env, filter, sort, page)
	if err != nil {
		return nil, err
	}
	if s.kept.sure() {
		keepPage(s.kept.contactPages, key, result, keyOfContact, func(tx *Tx) (*model.Page[*model.Contact], error) {
			f, err := tx.filterable()
			if err != nil {
				return nil, err
			}
			now := env
			now.Attributes, now.Segments = f.Attributes, f.Segments
			return tx.Contacts.search(now, filter, sort, page)
		})
	}
	return result, nil
}

func (s Contacts) search(env query.Env, filter *model.Filter, sort model.Sort, page model.PageRequest) (*model.Page[*model.Contact], error) {
	plan, err := s.plan(env, filter)
	if err != nil {
		return nil, err
	}
	if found, err := s.places(plan, sort, page); found != nil || err != nil {
		return found, err
	}
	total, of, err := s.count(plan)
	if err != nil {
		return nil, err
	}
	source, err := plan.Rows(sort, total, of)
	if err != nil {
		return nil, err
	}
	listing := record.Listing[*model.Contact]{
		Columns: contactColumns, From: source.From, Where: source.Where, ID: source.ID, Search: source.Search,
		Few: source.Few, Column: source.Column, Scan: scanContact,
		Key: keyOfContact,
	}
	ids := s.Dialect().Keeps() || s.kept.contacts.Keeps() // first: those of the page alone are read then, if they are not at hand
	if ids {
		listing.Columns, listing.Scan = source.ID, scanContactID
	}
	result, err := record.ReadCounted(s.Scope, listing, total, sort, page)
	if err != nil {
		return nil, err
	}
	if ids {
		return result, s.complete(result.Items)
	}
	return result, s.LoadRelatives(result.Items...)
}

// places reads where those of a page are in the list, and then them; nil where all are to be counted first.
func (s Contacts) places(plan *query.Plan, sort model.Sort, page model.PageRequest) (*model.Page[*model.Contact], error) {
	places, err := record.ReadPlaces(s.Scope, plan, sort, page)
	if places == nil || err != nil {
		return nil, err
	}
	ids := make([]string, len(places.Items))
	for i, p := range places.Items {
		ids[i] = p.ID
	}
	result := withItems(places, contactsOf(ids))
	return result, s.complete(result.Items)
}

// Count counts the users and leads that are not archived and match the filter.
func (s Contacts) Count(env query.Env, filter *model.Filter) (int, error) {
	plan, err := s.plan(env, filter)
	if err != nil {
		return 0, err
	}
	n, _, err := s.count(plan)
	return n, err
}

func (s Contacts) plan(env query.Env, filter *model.Filter) (*query.Plan, error) {
	plan, err := query.PlanContacts(env, filter)
	if err != nil {
		return nil, err
	}
	if err := plan.Choose(s.counted); err != nil {
		return nil, fmt.Errorf("store: count contacts: %w", err)
	}
	return plan, nil
}

func (s Contacts) count(plan *query.Plan) (n, of int, err error) {
	b := &query.Builder{}
	if err = plan.Number(b); err == nil {
		err = s.QueryRow(b.SQL(), b.Args()...).Scan(&of, &n)
	}
	if err != nil {
		err = fmt.Errorf("store: count contacts: %w", err)
	}
	return n, of, err
}

func (s Contacts) counted(b *query.Builder) (n int, err error) {
	err = s.QueryRow(b.SQL(), b.Args()...).Scan(&n)
	return n, err
}

// Matches reports whether one of the contacts matches the filter, be it archived
// or a visitor.
func (s Contacts) Matches(ids []model.ContactID, env query.Env, filter *model.Filter) (bool, error) {
	where := &query.Builder{}
	where.Text("workspace_id = ", where.Arg(s.Workspace), " AND id ", s.Dialect().In(where.Arg(record.ToJSON(ids))), " AND ")
	if err := query.Contacts(where, env, filter); err != nil {
		return false, err
	}
	var n int
	err := s.QueryRow(`SELECT count(*) FROM contacts WHERE `+where.SQL(), where.Args()...).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("store: match contacts: %w", err)
	}
	return n > 0, nil
}

// Delete removes a contact and all that belongs to it.
func (s Contacts) Delete(id model.ContactID) error {
	if err := s.Write(`DELETE FROM contacts WHERE workspace_id = $1 AND id = $2`, s.Workspace, id); err != nil {
		return fmt.Errorf("store: delete contact: %w", err)
	}
	return nil
}

// Spend deletes a contact and remembers that its id is spent: merged into
// another contact, or deleted where into is empty.
func (s Contacts) Spend(id, into model.ContactID) error {
	if err := s.Delete(id); err != nil {
		return err
	}
	err := s.Write(`INSERT INTO spent_contacts (workspace_id, id, merged_into, spent_at) VALUES ($1, $2, $3, $4)`,
		s.Workspace, id, record.Text(string(into)), s.Now())
	if err != nil {
		return fmt.Errorf("store: spend contact id: %w", err)
	}
	return nil
}

// Deleted reports whether the id was that of a contact that has been deleted.
func (s Contacts) Deleted(id model.ContactID) (bool, error) {
	var n int
	err := s.QueryRow(`SELECT count(*) FROM spent_contacts WHERE workspace_id = $1 AND id = $2 AND merged_into IS NULL`,
		s.Workspace, id).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("store: read spent contact id: %w", err)
	}
	return n > 0, nil
}

// Roles reads what contacts are.
func (s Contacts) Roles(ids []model.ContactID) (map[model.ContactID]model.Role, error) {
	roles := make(map[model.ContactID]model.Role, len(ids))
	err := s.Rows(`SELECT id, role FROM contacts WHERE workspace_id = $1 AND id `+s.Dialect().In("$2"),
		[]any{s.Workspace, record.ToJSON(ids)}, func(r *db.Rows) error {
			var id model.ContactID
			var role model.Role
			err := r.Scan(&id, &role)
			roles[id] = role
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: read roles: %w", err)
	}
	return roles, nil
}

func (s Contacts) one(condition string, arg any) (*model.Contact, error) {
	return scanContact(s.QueryRow(`SELECT `+contactColumns+` FROM contacts WHERE workspace_id = $1 AND `+condition,
		s.Workspace, arg))
}

func (s Contacts) list(statement string, args ...any) ([]*model.Contact, error) {
	var found []*model.Contact
	err := s.Rows(statement, args, func(r *db.Rows) error {
		c, err := scanContact(r)
		found = append(found, c)
		return err
	})
	return found, err
}

// FindPersonForUpdate reads the user, lead or visitor that a reference names, and
// holds it until the transaction ends, where the database can. An address that
// several share names none of them, and one that is archived is not among them.
func (s Contacts) FindPersonForUpdate(ref model.ContactRef) (*model.Contact, error) {
	condition, arg := naming(ref, "$2")
	found, err := s.list(`SELECT `+contactColumns+` FROM contacts WHERE workspace_id = $1 AND `+condition+`
		ORDER BY created_at, id LIMIT 2`+s.Dialect().ForUpdate(), s.Workspace, arg)
	switch {
	case err != nil:
		return nil, fmt.Errorf("store: find person: %w", err)
	case len(found) == 0:
		return nil, model.UserNotFound()
	case len(found) > 1:
		return nil, model.AmbiguousEmail()
	}
	return s.holding(found[0], nil)
}

// Replied notes when a contact last wrote.
func (s Contacts) Replied(id model.ContactID, at int64) error {
	err := s.Write(`UPDATE contacts SET last_replied_at = $3
		WHERE workspace_id = $1 AND id = $2 AND (last_replied_at IS NULL OR last_replied_at < $3)`, s.Workspace, id, at)
	if err != nil {
		return fmt.Errorf("store: note a reply: %w", err)
	}
	return nil
}

// Contacted notes when contacts were last written to.
func (s Contacts) Contacted(at int64, ids ...model.ContactID) error {
	these, of := oneOf(s.Dialect().In, ids)
	err := s.Write(`UPDATE contacts SET last_contacted_at = $3
		WHERE workspace_id = $1 AND id `+these+` AND (last_contacted_at IS NULL OR last_contacted_at < $3)`, s.Workspace, of, at)
	if err != nil {
		return fmt.Errorf("store: note a contact: %w", err)
	}
	return nil
}
