package api

import (
	"parley/internal/model"
	"parley/internal/wire"
)

// GET /data_attributes
func (a *API) listDataAttributes(r *request, _ none) (wire.List[wire.DataAttribute], error) {
	of, err := r.attributeModels()
	if err != nil {
		return wire.List[wire.DataAttribute]{}, err
	}
	archivedToo, err := r.flag("include_archived")
	if err != nil {
		return wire.List[wire.DataAttribute]{}, err
	}
	read := a.People.ListDataAttributes
	if archivedToo {
		read = a.People.ListAllDataAttributes
	}
	attributes, err := read(r.Context(), r.actor, of)
	return list(attributes, err, wire.FromDataAttribute)
}

// attributeModels reads whose attributes are asked for: those of contacts and of
// companies where it is not said.
func (r *request) attributeModels() ([]model.AttributeModel, error) {
	switch m := model.AttributeModel(r.query("model")); m {
	case "":
		return []model.AttributeModel{model.ContactAttributes, model.CompanyAttributes}, nil
	case model.ContactAttributes, model.CompanyAttributes, model.ConversationAttributes:
		return []model.AttributeModel{m}, nil
	default:
		return nil, model.ParameterInvalid("model must be contact, company or conversation")
	}
}

// POST /data_attributes
func (a *API) createDataAttribute(r *request, in wire.DataAttributeRequest) (wire.DataAttribute, error) {
	attribute, err := a.People.CreateDataAttribute(r.Context(), r.actor, in.Patch())
	return one(attribute, err, wire.FromDataAttribute)
}

// PUT /data_attributes/{id}
func (a *API) updateDataAttribute(r *request, in wire.DataAttributeRequest) (wire.DataAttribute, error) {
	id := model.Decimal[model.DataAttributeID](r.path("id"))
	attribute, err := a.People.UpdateDataAttribute(r.Context(), r.actor, id, in.Patch())
	return one(attribute, err, wire.FromDataAttribute)
}
