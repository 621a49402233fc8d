//! Tools are found by exactly their names.

use crate::tools::ToolIndex;
use guard_plan::{LayoutId, Tool, ToolId};

fn tools(count: usize) -> Vec<Tool> {
    let tool = |index| Tool {
        name: format!("tool_of_a_rather_long_name_{index}"),
        call: LayoutId(0),
        result: LayoutId(0),
    };
    (0..count).map(tool).collect()
}

#[test]
fn every_tool_is_found_and_no_other() {
    for count in [0, 1, 2, 3, 100, 5000] {
        let tools = tools(count);
        let index = ToolIndex::new(&tools);
        for (tool, id) in tools.iter().zip(0..) {
            let found = index.find(&tools, &tool.name).map(|(id, _)| id);
            assert_eq!(found, Some(ToolId(id)));
            assert!(index.find(&tools, &tool.name.to_uppercase()).is_none());
            assert!(index.find(&tools, &format!("{}\0", tool.name)).is_none());
            assert!(index.find(&tools, tool.name.trim_start_matches('t')).is_none());
        }
        assert!(index.find(&tools, "").is_none());
    }
}
