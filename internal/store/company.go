package store

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// Companies are the companies of a workspace.
type Companies struct{ *scope }

const companyColumns = `id, company_id, name, plan_id,
	(SELECT name FROM plans WHERE plans.workspace_id = companies.workspace_id AND plans.id = companies.plan_id),
	size, website, industry, monthly_spend, session_count,
	remote_created_at, created_at, updated_at, last_request_at, attributes`

func scanCompany(row record.Scanner) (*model.Company, error) {
	var c model.Company
	err := row.Scan(&c.ID, record.OrEmpty(&c.CompanyID), record.OrEmpty(&c.Name), record.OrZero(&c.Plan.ID), record.OrEmpty(&c.Plan.Name),
		&c.Size, record.OrEmpty(&c.Website), record.OrEmpty(&c.Industry), &c.MonthlySpend, &c.SessionCount,
		&c.RemoteCreatedAt, &c.CreatedAt, &c.UpdatedAt, &c.LastRequestAt, record.AttributesColumn(&c.Attributes))
	return &c, err
}

// NewID makes an id for a company that is about to be inserted.
func (s Companies) NewID() (model.CompanyID, error) {
	return record.NewObjectID[model.CompanyID](s.Scope, "company")
}

// companyWritten are all columns of a company beside its workspace.
var companyWritten = record.Columns(`id, company_id, name, name_fold, plan_id, size, website, industry, monthly_spend, session_count,
	remote_created_at, created_at, updated_at, last_request_at, attributes, searchable`)

var (
	insertsCompany = record.Inserts("companies", companyWritten...)
	updatesCompany = record.Updates("companies", companyWritten[1:]...)
)

// Insert writes a new company.
func (s Companies) Insert(c *model.Company) error {
	return s.WriteTo("insert company", insertsCompany, s.values(c)...)
}

// Update writes a company back.
func (s Companies) Update(c *model.Company) error {
	return s.WriteTo("update company", updatesCompany, s.values(c)...)
}

func (s Companies) values(c *model.Company) []any {
	return []any{s.Workspace, c.ID, record.Text(c.CompanyID), record.Text(c.Name), record.Text(model.Fold(c.Name)), record.Number(c.Plan.ID),
		c.Size, record.Text(c.Website), record.Text(c.Industry), c.MonthlySpend, c.SessionCount,
		c.RemoteCreatedAt, c.CreatedAt, c.UpdatedAt, c.LastRequestAt,
		record.ToJSON(c.Attributes), record.ToJSON(companySearchable(c))}
}

// Find reads a company.
func (s Companies) Find(id model.CompanyID) (*model.Company, error) {
	return s.one(`id = $2`, string(id))
}

// FindByCompanyID reads the company that the workspace knows by that id.
func (s Companies) FindByCompanyID(id string) (*model.Company, error) {
	return s.one(`company_id = $2`, id)
}

// FindByName reads the oldest company of that name, in any case.
func (s Companies) FindByName(name string) (*model.Company, error) {
	return s.one(`name_fold = $2 ORDER BY created_at, id LIMIT 1`, model.Fold(name))
}

// FindForUpdate reads a company and holds it until the transaction ends, where
// the database can.
func (s Companies) FindForUpdate(id model.CompanyID) (*model.Company, error) {
	return s.one(`id = $2`+s.Dialect().ForUpdate(), string(id))
}

// FindNamed reads, to update it, the company that a patch is for: the one with
// its company_id or, where it has none, the oldest of its name among those that
// have none either. If there is none, nobody else can make it until the
// transaction ends.
func (s Companies) FindNamed(companyID, name string) (*model.Company, error) {
	if companyID != "" { // an index keeps a second one out
		return s.one(`company_id = $2`+s.Dialect().ForUpdate(), companyID)
	}
	name = model.Fold(name)
	if err := s.Lock("company name " + string(s.Workspace) + " " + name); err != nil {
		return nil, err
	}
	return s.one(`name_fold = $2 AND company_id IS NULL ORDER BY created_at, id LIMIT 1`+s.Dialect().ForUpdate(), name)
}

// Resolve finds the id of the company that is named by its id or, where that is
// empty, by the workspace's own id for it.
func (s Companies) Resolve(id model.CompanyID, companyID string) (model.CompanyID, error) {
	condition, arg := `id = $2`, string(id)
	if id == "" {
		condition, arg = `company_id = $2`, companyID
	}
	var found model.CompanyID
	err := s.QueryRow(`SELECT id FROM companies WHERE workspace_id = $1 AND `+condition, s.Workspace, arg).Scan(&found)
	if err != nil && !db.IsNoRows(err) {
		return "", fmt.Errorf("store: resolve company: %w", err)
	}
	return found, record.OrNotFound(err, model.CompanyNotFound())
}

// MustExist checks that there is a company with that id.
func (s Companies) MustExist(id model.CompanyID) error {
	_, err := s.Resolve(id, "")
	return err
}

// List reads a page of the companies that somebody belongs to, by their last
// request. The list has at most so many, which keeps counting it cheap.
func (s Companies) List(sort model.Sort, page model.PageRequest, most int) (*model.Page[*model.Company], error) {
	where := s.peopled()
	some := where.Clone()
	some.Text(" LIMIT ", some.Arg(most))
	total := 0
	err := s.QueryRow(`SELECT count(*) FROM (SELECT 1 FROM companies WHERE `+some.SQL()+`) counted`, some.Args()...).Scan(&total)
	if err != nil {
		return nil, fmt.Errorf("store: count companies: %w", err)
	}
	left := most - (page.Number-1)*page.PerPage
	if left <= 0 {
		return &model.Page[*model.Company]{Total: total, PerPage: page.PerPage, Number: page.Number}, nil
	}
	found, err := record.ReadRows(s.Scope, companiesBy("last_request_at", "companies", where), sort, page)
	if err != nil {
		return nil, err
	}
	if left <= len(found.Items) {
		found.Items, found.Next = found.Items[:left], nil
	}
	found.Total = total
	return found, nil
}

// ListMatching reads a page of the companies that somebody belongs to and that
// match the filter, by their last request.
func (s Companies) ListMatching(env query.Env, filter *model.Filter, sort model.Sort, page model.PageRequest) (*model.Page[*model.Company], error) {
	where := s.peopled()
	where.Text(" AND ")
	if err := query.Companies(where, env, filter); err != nil {
		return nil, err
	}
	l := companiesBy("last_request_at", "companies", where)
	l.Search = true
	return record.ReadPage(s.Scope, l, sort, page)
}

func (s Companies) peopled() *query.Builder {
	where := &query.Builder{}
	where.Text("workspace_id = ", where.Arg(s.Workspace), " AND ", query.PeopledCompanies)
	return where
}

// ListOfContact reads a page of the companies of a contact, by when it was
// attached to them.
func (s Companies) ListOfContact(id model.ContactID, sort model.Sort, page model.PageRequest) (*model.Page[*model.Company], error) {
	where := &query.Builder{}
	ws := where.Arg(s.Workspace)
	from := `companies JOIN (SELECT company_id AS attached_id, created_at AS attached_at FROM contact_companies
		WHERE workspace_id = ` + ws + ` AND contact_id = ` + where.Arg(id) + `) attached ON attached_id = id`
	where.Text("workspace_id = ", ws)
	return record.ReadPage(s.Scope, companiesBy("attached_at", from, where), sort, page)
}

func companiesBy(column, from string, where *query.Builder) record.Listing[*model.Company] {
	return record.Listing[*model.Company]{
		Columns: companyColumns, From: from, Where: where, ID: "id", Column: record.SortedBy(column),
		Scan: scanCompany, Key: func(c *model.Company) string { return string(c.ID) },
	}
}

// Delete removes a company. Contacts lose it and tags come off it.
func (s Companies) Delete(id model.CompanyID) error {
	if err := s.Write(`DELETE FROM companies WHERE workspace_id = $1 AND id = $2`, s.Workspace, id); err != nil {
		return fmt.Errorf("store: delete company: %w", err)
	}
	return nil
}

func (s Companies) one(condition, arg string) (*model.Company, error) {
	c, err := scanCompany(s.QueryRow(`SELECT `+companyColumns+` FROM companies WHERE workspace_id = $1 AND `+condition,
		s.Workspace, arg))
	return c, record.OrNotFound(err, model.CompanyNotFound())
}

func (s Companies) list(statement string, args ...any) ([]*model.Company, error) {
	var found []*model.Company
	err := s.Rows(statement, args, func(r *db.Rows) error {
		c, err := scanCompany(r)
		found = append(found, c)
		return err
	})
	return found, err
}

// companySearchable is what of a company is searched by and has no column of its
// own, by the filter's name for it.
func companySearchable(c *model.Company) map[string]any {
	values := map[string]any{}
	for name, v := range map[string]string{
		"company_id": c.CompanyID, "plan": c.Plan.Name, "website": c.Website, "industry": c.Industry,
	} {
		if v != "" {
			values[name] = model.Fold(v)
		}
	}
	record.AddSearchable(values, c.Attributes)
	return values
}
