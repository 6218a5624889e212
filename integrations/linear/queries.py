"""What is asked of Linear. Names and types: packages/sdk/src/schema.graphql in github.com/linear/linear."""

_ISSUE = """
    id identifier url title updatedAt trashed
    state { id type } team { id } assignee { id name email }
"""
ME = "query Me { viewer { id name email } organization { id name urlKey } }"
TEAMS = """query Teams($after: String) {
    teams(first: 100, after: $after) { nodes { id key name } pageInfo { hasNextPage endCursor } }
}"""
TEAM = """query Team($id: String!, $after: String) { team(id: $id) {
    id name
    states(first: 100) { nodes { id name type position } }
    labels(first: 100) { nodes { id name isGroup } }
    members(first: 100, after: $after) { nodes { id name email active app } pageInfo { hasNextPage endCursor } }
} }"""
ISSUE = f"""query Issue($id: String!) {{ issue(id: $id) {{
    {_ISSUE}
    relations(first: 50) {{ nodes {{ type relatedIssue {{ id }} }} }}
}} }}"""
SEARCH = f"""query Search($term: String!, $team: String!) {{
    searchIssues(term: $term, teamId: $team, first: 10) {{ nodes {{ {_ISSUE} }} }}
}}"""
COMMENTS = """query Comments($id: String!, $after: String) { issue(id: $id) {
    id trashed
    comments(first: 100, after: $after) {
        nodes { id body createdAt user { id name email } externalUser { id name email } }
        pageInfo { hasNextPage endCursor }
    }
} }"""
USER = """query User($email: String!) {
    users(filter: { email: { eqIgnoreCase: $email }, active: { eq: true } }, first: 1) { nodes { id } }
}"""
CHANGED_ISSUES = """query ChangedIssues($team: ID!, $since: DateTimeOrDuration!, $after: String) {
    issues(
        filter: { team: { id: { eq: $team } }, updatedAt: { gt: $since } }
        orderBy: updatedAt, includeArchived: true, first: 100, after: $after
    ) { nodes { id updatedAt } pageInfo { hasNextPage endCursor } }
}"""
CHANGED_COMMENTS = """query ChangedComments($team: ID!, $since: DateTimeOrDuration!, $after: String) {
    comments(
        filter: { issue: { team: { id: { eq: $team } } }, updatedAt: { gt: $since } }
        orderBy: updatedAt, includeArchived: true, first: 100, after: $after
    ) { nodes { updatedAt issue { id } } pageInfo { hasNextPage endCursor } }
}"""
CREATE = f"""mutation Create($issue: IssueCreateInput!, $link: AttachmentCreateInput!) {{
    issueCreate(input: $issue) {{ success issue {{ {_ISSUE} }} }}
    attachmentCreate(input: $link) {{ success }}
}}"""
UPDATE = """mutation Update($id: String!, $input: IssueUpdateInput!) {
    issueUpdate(id: $id, input: $input) { success }
}"""
COMMENT = """mutation Comment($input: CommentCreateInput!) {
    commentCreate(input: $input) { success comment { id } }
}"""
EDIT = """mutation Edit($id: String!, $input: CommentUpdateInput!) {
    commentUpdate(id: $id, input: $input) { success }
}"""
DELETE = "mutation Delete($id: String!) { commentDelete(id: $id) { success } }"
