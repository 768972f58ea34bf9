package app_test

import "parley/internal/model"

var workspace = model.Workspace{ID: "bckp0001", Name: "Acme", Timezone: "UTC", Region: "US"}
