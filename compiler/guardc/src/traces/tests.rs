//! The readers: what each form becomes.

use super::*;
use crate::exit::Exit;

/// Keeps what it is told, one line each.
#[derive(Debug, Default)]
struct Kept {
    lines: Vec<String>,
    heads: Vec<TraceHead>,
}

impl TraceSink for Kept {
    fn start(&mut self, head: TraceHead) -> Answer<()> {
        self.lines.push(format!("start {}", head.id));
        self.heads.push(head);
        Ok(())
    }

    fn event(&mut self, event: &[u8]) -> Answer<()> {
        self.lines.push(String::from_utf8(event.to_vec()).unwrap());
        Ok(())
    }

    fn end(&mut self) -> Answer<()> {
        self.lines.push("end".to_owned());
        Ok(())
    }
}

fn read_as(text: &str, format: Option<InputFormat>) -> Answer<(Kept, Skipped)> {
    let mut kept = Kept::default();
    let lines = Lines::new(text.as_bytes()).unwrap();
    let skipped = read_lines("f", lines, format, &mut kept)?;
    Ok((kept, skipped))
}

#[track_caller]
fn check(text: &str, expected: &[&str]) -> (Kept, Skipped) {
    let (kept, skipped) = read_as(text, None).unwrap();
    assert_eq!(kept.lines, expected);
    (kept, skipped)
}

#[track_caller]
fn check_error(text: &str, part: &str) {
    match read_as(text, None) {
        Err(Failure::Message { exit, message, .. }) => {
            assert_eq!(exit, Exit::Broke);
            assert!(message.contains(part), "`{message}` does not say `{part}`");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_trace_hands_its_events_on_byte_for_byte() {
    let (kept, _) = check(
        "{\"id\":\"t1\",\"kind\":\"attack\",\"agent\":\"bank\",\"attack\":{\"harmful_event_indexes\":[2],\"output_only\":false,\"goal\":\"x\"},\
         \"events\":[{\"type\":\"input\", \"text\":\"a\\u0000\"},5,{\"a\":1,\"a\":99999999999999999999}],\
         \"expect\":{\"user_task\":true,\"malicious_event_indexes\":[1,2]},\"meta\":{}}\n",
        &[
            "start t1",
            "{\"type\":\"input\", \"text\":\"a\\u0000\"}",
            "5",
            "{\"a\":1,\"a\":99999999999999999999}",
            "end",
        ],
    );
    let expected = Judged {
        attack: true,
        output_only: false,
        user_task: true,
        harmful: vec![2],
        malicious: vec![1, 2],
    };
    assert_eq!(
        kept.heads,
        vec![TraceHead {
            id: "t1".to_owned(),
            agent: Some("bank".to_owned()),
            judged: Some(expected),
        }]
    );
}

#[test]
fn a_trace_without_an_id_is_named_after_its_place() {
    check("\n{\"events\":[]}\n{\"events\":[]}", &["start f:2", "end", "start f:3", "end"]);
}

#[test]
fn bare_events_are_one_session() {
    check(
        "{\"type\":\"input\",\"text\":\"a\"}\n{\"type\":\"nonsense\"}\n",
        &["start f", "{\"type\":\"input\",\"text\":\"a\"}", "{\"type\":\"nonsense\"}", "end"],
    );
}

#[test]
fn openai_messages_become_events() {
    check(
        r#"{"messages": [
            {"role": "system", "content": "be kind"},
            {"role": "user", "content": [{"type": "text", "text": "pay"}, {"type": "text", "text": "now"}]},
            {"role": "assistant", "content": "ok", "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "pay", "arguments": "{\"a\": 1, \"a\": 2}"}},
                {"id": "c2", "type": "function", "function": {"name": "list", "arguments": ""}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "done"},
            {"role": "assistant", "content": "paid"}]}"#,
        &[
            "start f:1",
            r#"{"type":"input","role":"system","text":"be kind"}"#,
            r#"{"type":"input","role":"user","text":"pay\nnow"}"#,
            r#"{"type":"output","text":"ok","final":false}"#,
            r#"{"type":"tool_call","id":"c1","tool":"pay","args":{"a": 1, "a": 2}}"#,
            r#"{"type":"tool_call","id":"c2","tool":"list","args":{}}"#,
            r#"{"type":"tool_result","id":"c1","tool":"pay","text":"done"}"#,
            r#"{"type":"output","text":"paid"}"#,
            "end",
        ],
    );
}

#[test]
fn arguments_written_as_text_cannot_add_fields_to_the_event() {
    check(
        r#"{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"pay","arguments":"{},\"tool\":\"read\""}}]}"#,
        &[
            "start f",
            r#"{"type":"tool_call","id":"c","tool":"pay","args":"{},\"tool\":\"read\""}"#,
            "end",
        ],
    );
}

#[test]
fn a_call_without_a_name_stays_a_call() {
    check(
        r#"[{"role":"assistant","tool_calls":[{"id":7}, "x"]}]"#,
        &["start f:1", r#"{"type":"tool_call"}"#, r#"{"type":"tool_call"}"#, "end"],
    );
}

#[test]
fn anthropic_messages_become_events() {
    let (_, skipped) = check(
        concat!(
            r#"{"system":"be kind","messages":[{"role":"user","content":"pay"},"#,
            r#"{"role":"assistant","content":[{"type":"text","text":"ok"},{"type":"tool_use","id":"c1","name":"pay","input":{"a":1}}]},"#,
            r#"{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","is_error":true,"content":[{"type":"text","text":"no"},{"type":"image"}]},{"type":"text","text":"hm"}]}]}"#,
        ),
        &[
            "start f:1",
            r#"{"type":"input","role":"system","text":"be kind"}"#,
            r#"{"type":"input","role":"user","text":"pay"}"#,
            r#"{"type":"output","text":"ok","final":false}"#,
            r#"{"type":"tool_call","id":"c1","tool":"pay","args":{"a":1}}"#,
            r#"{"type":"tool_result","id":"c1","tool":"pay","text":"no","error":true}"#,
            r#"{"type":"input","role":"user","text":"hm"}"#,
            "end",
        ],
    );
    assert_eq!(skipped.get("`image` parts"), Some(&1));
}

#[test]
fn conversations_one_a_line_are_sessions_of_their_own() {
    check(
        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}\n[{\"role\":\"user\",\"content\":\"b\"}]",
        &[
            "start f:1",
            r#"{"type":"input","role":"user","text":"a"}"#,
            "end",
            "start f:2",
            r#"{"type":"input","role":"user","text":"b"}"#,
            "end",
        ],
    );
}

#[test]
fn mcp_calls_find_their_results_and_the_rest_is_counted() {
    let (_, skipped) = check(
        concat!(
            "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{}}\n",
            "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"serverInfo\":{}}}\n",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"pay\",\"arguments\":{\"a\":1}}}\n",
            "{\"time\":\"t\",\"message\":{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}}\n",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"ok\"}],\"isError\":true}}\n",
            "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"tools/call\",\"params\":{\"name\":\"list\"}}\n",
            "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"error\":{\"code\":-1,\"message\":\"gone\"}}\n",
        ),
        &[
            "start f",
            r#"{"type":"tool_call","id":"1","tool":"pay","args":{"a":1}}"#,
            r#"{"type":"tool_result","id":"1","tool":"pay","text":"ok","error":true}"#,
            r#"{"type":"tool_call","id":"x","tool":"list","args":{}}"#,
            r#"{"type":"tool_result","id":"x","tool":"list","text":"gone","error":true}"#,
            "end",
        ],
    );
    assert_eq!(skipped.get("`initialize`"), Some(&1));
    assert_eq!(skipped.get("`ping`"), Some(&1));
}

#[test]
fn a_broken_file_is_an_error_with_its_line() {
    check_error("", "holds no events");
    check_error("\n\n", "holds no events");
    check_error("{\"events\":[]}\n{\"events\":[}", "`f`, line 2, column 12: not JSON");
    check_error("{\"events\":[]}\n{\"events\":[", "`f`, line 2");
    check_error("{\n \"messages\": [\n  {\"role\"", "`f`, line 3");
    check_error(
        "{\"events\":[]}\n{\"event\":[]}",
        "line 2, column 12: not a trace: missing field `events`",
    );
    check_error("{\"events\":[],\"events\":[]}", "duplicate field `events`");
    check_error("[1]", "neither a trace");
    check_error("hello", "not JSON");
    check_error(r#"{"role":"user","content":"\ud800"}"#, "not the content of a chat message");
    check_error(r#"{"role":"wizard","content":""}"#, "unknown role `wizard`");
}

#[test]
fn nesting_without_end_is_no_danger() {
    let nested = format!("{{\"events\":[{}]}}", "[".repeat(10 << 20));
    assert!(read_as(&nested, None).is_err());
    let closed = format!("{{\"events\":[{}{}]}}", "[".repeat(5 << 20), "]".repeat(5 << 20));
    let (kept, _) = read_as(&closed, None).unwrap();
    assert_eq!(kept.lines.len(), 3);
}

#[test]
fn bytes_that_are_no_text_are_an_error() {
    let mut kept = Kept::default();
    let lines = Lines::new(&b"{\"events\":[{\"type\":\"\xff\"}]}"[..]).unwrap();
    assert!(read_lines("f", lines, None, &mut kept).is_err());
}
