//! The keys of both forms of a declaration.

/// What each thing is called in a form.
pub(super) struct Keys {
    /// The platform's name.
    pub platform: &'static str,
    /// The documents, by their types.
    pub documents: &'static str,
    pub address: &'static str,
    pub select: &'static str,
    pub remove: &'static str,
    pub filters: &'static str,
    /// The filter that takes parameters out of addresses.
    pub remove_query_params: &'static str,
    pub client_scripts: &'static str,
    /// The parts of a document that has several.
    pub parts: &'static str,
    pub start_before: &'static str,
    pub start_after: &'static str,
    pub end_before: &'static str,
    pub end_after: &'static str,
    pub valid_until: &'static str,
    /// Earlier declarations in the file itself; none where they stand in a file of their own.
    pub earlier: Option<&'static str>,
}

pub(super) const OPEN_TERMS_ARCHIVE: Keys = Keys {
    platform: "name",
    documents: "terms",
    address: "fetch",
    select: "select",
    remove: "remove",
    filters: "filter",
    remove_query_params: "removeQueryParams",
    client_scripts: "executeClientScripts",
    parts: "combine",
    start_before: "startBefore",
    start_after: "startAfter",
    end_before: "endBefore",
    end_after: "endAfter",
    valid_until: "validUntil",
    earlier: None,
};

pub(super) const OWN: Keys = Keys {
    platform: "platform",
    documents: "documents",
    address: "address",
    select: "select",
    remove: "remove",
    filters: "filters",
    remove_query_params: "remove_query_params",
    client_scripts: "client_scripts",
    parts: "parts",
    start_before: "start_before",
    start_after: "start_after",
    end_before: "end_before",
    end_after: "end_after",
    valid_until: "valid_until",
    earlier: Some("earlier"),
};
