//! A task of a run at its moment: what it asks of the outside, and what comes of the answer.

use crate::compile::{Play, way_key};
use crate::condition::{holds, is_true, judged, value};
use crate::fields::{FAILED_AT, STOP_REASON, State, answered, fact, write};
use crate::template::render;
use assay_graph::pregel::{Fault, Name, Outcome, Questions, Task, Written};
use assay_graph::protocol::{
    Failure, FetchRequest, FetchResponse, ProgramResponse, RunItem, TargetResponse,
    UserTurnResponse,
};
use assay_model::{
    Content, EndResult, Message, MetricResult, MetricSpec, MetricStatus, Role, RunErrorKind,
    SecretHeader, Severity, TestCase, Trigger, When,
};
use assay_persona::{Turn, UserTurn, next, outcome_call, read_person};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most bytes of a variable, as JSON: 1 MiB.
const MAX_VARIABLE: usize = 1 << 20;
/// Most bytes of what a program reads, as JSON: 4 MiB.
const MAX_INPUT: usize = 4 << 20;

use crate::deed::{Act, Deed, Did, Does, Scene, Waits, fault};

type Writes = Vec<(Name, Written)>;

fn done(update: Writes) -> Outcome {
    Outcome::Done {
        update,
        goto: Vec::new(),
    }
}

fn failed(failure: Failure) -> Outcome {
    Outcome::Failed(Fault {
        retryable: failure.retryable,
        retry_after_ms: failure.retry_after_ms,
        ..fault(failure.error.kind, failure.error.message)
    })
}

/// The user cannot be played, and another try would not help.
fn unplayed(message: &str) -> Outcome {
    Outcome::Failed(fault(RunErrorKind::Persona, message))
}

/// What the user's words write.
fn said(text: Content) -> Writes {
    vec![
        write("messages", json!([Message::new(Role::User, text)])),
        write("user_turns", json!(1)),
    ]
}

fn variable(name: &str, value: Value) -> Result<(Name, Written), String> {
    let bytes = value.to_string().len();
    if bytes > MAX_VARIABLE {
        return Err(format!(
            "the variable `{name}` would have {bytes} bytes, more than {MAX_VARIABLE}"
        ));
    }
    Ok(write("vars", json!({name: value})))
}

/// A task with what it reads.
struct Moment<'p> {
    play: &'p Play,
    node: &'p str,
    deed: &'p Deed,
    scene: &'p Scene,
    state: State,
}

impl Play {
    fn moment<'p>(&'p self, task: &'p Task) -> Option<Moment<'p>> {
        let deed = self.deeds.get(&task.name)?;
        Some(Moment {
            play: self,
            node: &task.name,
            deed,
            scene: self.scenes.get(deed.scene)?,
            state: State::of(&task.input),
        })
    }

    /// What a task needs from outside.
    #[must_use]
    pub fn act(&self, task: &Task, questions: &mut Questions) -> Act {
        let Some(moment) = self.moment(task) else {
            return Act::Done(done(Vec::new()));
        };
        moment.act(questions).unwrap_or_else(|message| {
            let message = format!("node `{}`: {message}", task.name);
            Act::Done(Outcome::Failed(fault(RunErrorKind::Scenario, message)))
        })
    }

    /// What comes of a task by what the outside has answered.
    #[must_use]
    pub fn outcome(&self, task: &Task, did: Did) -> Outcome {
        let Some(moment) = self.moment(task) else {
            return done(Vec::new());
        };
        moment.outcome(did).unwrap_or_else(|message| {
            let message = format!("node `{}`: {message}", task.name);
            Outcome::Failed(fault(RunErrorKind::Scenario, message))
        })
    }
}

impl Moment<'_> {
    fn names(&self) -> Value {
        self.play.course.names(&self.state)
    }

    fn rendered(&self, template: &str) -> Result<String, String> {
        render(template, &self.names())
    }

    fn case(&self) -> Box<TestCase> {
        let scenario = self.scene.scenario.as_ref();
        Box::new(self.state.test_case(&self.scene.item, scenario))
    }

    fn way(&self, index: usize) -> (Name, Written) {
        fact(&way_key(self.node), json!(index))
    }

    fn act(&self, questions: &mut Questions) -> Result<Act, String> {
        let writes = match &self.deed.does {
            Does::Nothing => Vec::new(),
            Does::Started(None) => Vec::new(),
            Does::Started(Some(name)) => {
                vec![variable(name, self.play.course.trigger.clone())?]
            }
            Does::Await(trigger, output) => {
                let node = self.node.to_owned();
                let waits = match trigger {
                    Trigger::Manual {} => Waits::Person {
                        node,
                        question: "May it go on?".into(),
                    },
                    Trigger::Webhook {} => Waits::Webhook { node },
                    Trigger::Cron(schedule) => Waits::Timer {
                        node,
                        seconds: None,
                        cron: Some(schedule.clone()),
                    },
                };
                return self.asked(questions, waits, |answer| {
                    output
                        .iter()
                        .map(|name| variable(name, answer.clone()))
                        .collect()
                });
            }
            Does::Speak {
                say: Some(text), ..
            } => said(self.rendered(text)?.into()),
            Does::Speak {
                say: None,
                instructions,
            } => return self.speak(questions, self.rendered(instructions)?),
            Does::Converse { .. } => return self.converse(questions),
            Does::Call => {
                return Ok(self.target(self.state.messages.clone()));
            }
            Does::Task { instruction, .. } => {
                let mut messages = self.state.messages.clone();
                messages.push(Message::new(Role::User, self.rendered(instruction)?));
                return Ok(self.target(messages));
            }
            Does::Evaluate(metrics) if !metrics.is_empty() => {
                return Ok(Act::Evaluate {
                    case: self.case(),
                    metrics: crate::course::numbered(metrics),
                });
            }
            Does::Evaluate(_) => {
                return Ok(Act::Evaluate {
                    case: self.case(),
                    metrics: self.scene.metrics.clone(),
                });
            }
            Does::Expect(metric, _) => {
                let mut metric = metric.clone();
                let name = metric.name.get_or_insert_with(|| self.node.to_owned());
                // Each time that it is expected counts: in a loop it is another expectation.
                let numbers = format!("{name} #");
                let before = self.state.scores.iter();
                let before = before.filter(|s| s.name == *name || s.name.starts_with(&numbers));
                let before = before.count();
                if before > 0 {
                    *name = format!("{numbers}{}", before + 1);
                }
                return Ok(Act::Evaluate {
                    case: self.case(),
                    metrics: vec![metric],
                });
            }
            Does::Rest => {
                let scored = |m: &&MetricSpec| {
                    let mut scores = self.state.scores.iter();
                    scores.any(|s| s.name == m.display_name())
                };
                let rest = self.scene.metrics.iter().filter(|m| !scored(m));
                let metrics: Vec<MetricSpec> = rest.cloned().collect();
                if !metrics.is_empty() {
                    return Ok(Act::Evaluate {
                        case: self.case(),
                        metrics,
                    });
                }
                return Ok(Act::Done(self.rested(Vec::new())));
            }
            Does::Decide(whens) => return self.decide(whens),
            Does::Loop {
                times,
                r#while,
                each,
                item,
            } => self.turn(*times, r#while.as_deref(), each.as_deref(), item.as_deref())?,
            Does::Mock { tool, output } => {
                vec![write("mocks", json!([{"tool": tool, "output": output}]))]
            }
            Does::Fetch {
                method,
                url,
                headers,
                body,
                ..
            } => {
                let names = self.names();
                let mut plain = BTreeMap::new();
                let mut secret_headers = Vec::new();
                for (name, value) in headers {
                    match SecretHeader::of(name, value, |text| render(text, &names))? {
                        Some(header) => secret_headers.push(header),
                        None => {
                            plain.insert(name.to_ascii_lowercase(), render(value, &names)?);
                        }
                    }
                }
                return Ok(Act::Fetch(FetchRequest {
                    method: method.as_str().to_owned(),
                    url: render(url, &names)?,
                    headers: plain,
                    secret_headers,
                    secrets: BTreeMap::new(),
                    body: body.as_ref().map(|b| render(b, &names)).transpose()?,
                    timeout_ms: None,
                    recording: None,
                }));
            }
            Does::Compute { expression, output } => {
                vec![variable(output, value(expression, &self.names())?)?]
            }
            Does::Run {
                program_id, input, ..
            } => {
                let input = match input {
                    Some(source) => value(source, &self.names())?,
                    None => Value::Object(self.state.vars.clone()),
                };
                let bytes = input.to_string().len();
                if bytes > MAX_INPUT {
                    return Err(format!(
                        "the program would read {bytes} bytes, more than {MAX_INPUT}"
                    ));
                }
                return Ok(Act::Run {
                    program_id: program_id.clone(),
                    input,
                    seed: self
                        .play
                        .course
                        .seed
                        .wrapping_add(u64::from(self.play.course.repetition)),
                });
            }
            Does::Transform {
                template,
                json,
                output,
            } => {
                let text = self.rendered(template)?;
                let value = if *json {
                    serde_json::from_str(&text)
                        .map_err(|e| format!("what the template comes to is not JSON: {e}"))?
                } else {
                    Value::String(text)
                };
                vec![variable(output, value)?]
            }
            Does::Wait(seconds) => {
                let waits = Waits::Timer {
                    node: self.node.to_owned(),
                    seconds: Some(*seconds),
                    cron: None,
                };
                return self.asked(questions, waits, |_| Ok(Vec::new()));
            }
            Does::AskPerson {
                question,
                output,
                as_user,
            } => return self.ask_person(questions, question, output.as_deref(), *as_user),
            Does::Set(inputs) => {
                let names = self.names();
                let set = inputs.iter().map(|(name, template)| {
                    variable(name, Value::String(render(template, &names)?))
                });
                set.collect::<Result<_, String>>()?
            }
            Does::End(result) => result.map_or_else(Vec::new, |r| self.ended(r)),
        };
        Ok(Act::Done(done(writes)))
    }

    fn target(&self, messages: Vec<Message>) -> Act {
        Act::Target {
            messages,
            session: self.state.session(),
            mocks: self.state.mocks.clone(),
            environment: self.play.course.world(&self.state),
        }
    }

    /// What is scored at the end: what the metrics say that were left, and whether the goal is reached.
    fn rested(&self, mut results: Vec<MetricResult>) -> Outcome {
        let course = &self.play.course;
        results.extend(course.goal(&self.state, &self.scene.metrics));
        match (results.is_empty(), self.state.scores.is_empty()) {
            (false, _) => done(vec![write("scores", json!(results))]),
            (true, false) => done(Vec::new()),
            (true, true) => Outcome::Failed(fault(
                RunErrorKind::Metric,
                "no metric applies to this item",
            )),
        }
    }

    fn item(&self) -> Box<RunItem> {
        Box::new(RunItem {
            item: self.scene.item.clone(),
            scenario: self.scene.scenario.clone(),
            scenarios: BTreeMap::new(),
        })
    }

    /// Asks whoever is outside, unless there is an answer.
    fn asked(
        &self,
        questions: &mut Questions,
        waits: Waits,
        writes: impl FnOnce(&Value) -> Result<Writes, String>,
    ) -> Result<Act, String> {
        Ok(Act::Done(match questions.answer() {
            Some(answer) => done(writes(&answer)?),
            None => Outcome::Asks(serde_json::to_value(waits).map_err(|e| e.to_string())?),
        }))
    }

    fn ask_person(
        &self,
        questions: &mut Questions,
        question: &str,
        output: Option<&str>,
        as_user: bool,
    ) -> Result<Act, String> {
        let node = self.node.to_owned();
        let question = self.rendered(question)?;
        let waits = if as_user {
            Waits::UserTurn { node, question }
        } else {
            Waits::Person { node, question }
        };
        self.asked(questions, waits, |answer| {
            let mut writes = Vec::new();
            if as_user {
                let text = answer
                    .as_str()
                    .map_or_else(|| answer.to_string(), str::to_owned);
                writes.extend(said(text.into()));
            }
            if let Some(name) = output {
                writes.push(variable(name, answer.clone())?);
            }
            Ok(writes)
        })
    }

    /// Where a node keeps how many turns the user has had in its conversation.
    fn turns_key(&self) -> String {
        format!("turns:{}", self.node)
    }

    fn turns(&self) -> u32 {
        let turns = self.state.facts.get(&self.turns_key());
        let turns = turns.and_then(Value::as_u64).unwrap_or(0);
        u32::try_from(turns).unwrap_or(u32::MAX)
    }

    /// Where a node keeps in which turns the persona found the agent unhelpful.
    fn unhelpful_key(&self) -> String {
        format!("unhelpful:{}", self.node)
    }

    fn unhelpful(&self) -> Vec<u32> {
        let turns = self.state.facts.get(&self.unhelpful_key());
        let turns = turns.and_then(Value::as_array).into_iter().flatten();
        let turns = turns.filter_map(Value::as_u64);
        turns.filter_map(|t| u32::try_from(t).ok()).collect()
    }

    /// One turn of the user, by whoever plays it.
    fn speak(&self, questions: &mut Questions, instructions: String) -> Result<Act, String> {
        let turn = Turn {
            user_turns: self.state.user_turns,
            instructions: Some(instructions.as_str()).filter(|i| !i.is_empty()),
            ..Turn::first(
                &self.scene.item,
                self.scene.scenario.as_ref(),
                &self.state.messages,
                u32::MAX,
            )
        };
        Ok(match next(&turn, &[]) {
            Ok(UserTurn::Ask(_)) => Act::User {
                item: self.item(),
                messages: self.state.messages.clone(),
                user_turns: self.state.user_turns,
                max_turns: u32::MAX,
                instructions,
                unhelpful_turns: Vec::new(),
                judged: false,
            },
            Ok(UserTurn::AskPerson { prompt }) => {
                return self.person(questions, prompt, |turn| match turn {
                    UserTurn::Say(words) => done(said(words.text)),
                    UserTurn::Stop(reason) => done(vec![fact(STOP_REASON, json!(reason.as_str()))]),
                    UserTurn::Ask(_) | UserTurn::AskPerson { .. } => done(Vec::new()),
                });
            }
            Ok(UserTurn::Say(words)) => Act::Done(done(said(words.text))),
            Ok(UserTurn::Stop(reason)) => {
                Act::Done(done(vec![fact(STOP_REASON, json!(reason.as_str()))]))
            }
            Err(error) => Act::Done(unplayed(&error.to_string())),
        })
    }

    /// A person takes the user's turn.
    fn person(
        &self,
        questions: &mut Questions,
        prompt: String,
        then: impl FnOnce(UserTurn) -> Outcome,
    ) -> Result<Act, String> {
        let Some(answer) = questions.answer() else {
            let waits = Waits::UserTurn {
                node: self.node.to_owned(),
                question: prompt,
            };
            let waits = serde_json::to_value(waits).map_err(|e| e.to_string())?;
            return Ok(Act::Done(Outcome::Asks(waits)));
        };
        let text = answer
            .as_str()
            .map_or_else(|| answer.to_string(), str::to_owned);
        Ok(Act::Done(match read_person(&text) {
            Ok(turn) => then(turn),
            Err(error) => unplayed(&error.to_string()),
        }))
    }

    fn converse(&self, questions: &mut Questions) -> Result<Act, String> {
        let Does::Converse { max_turns } = &self.deed.does else {
            return Ok(Act::Done(done(Vec::new())));
        };
        let turns = self.turns();
        let limit = max_turns.map_or(self.scene.max_turns, |own| own.min(self.scene.max_turns));
        let unhelpful_turns = self.unhelpful();
        let turn = Turn {
            user_turns: turns,
            unhelpful_turns: &unhelpful_turns,
            ..Turn::first(
                &self.scene.item,
                self.scene.scenario.as_ref(),
                &self.state.messages,
                limit,
            )
        };
        // The agent must have answered in this conversation.
        let scenario = self.scene.scenario.as_ref().filter(|_| turns > 0);
        let judged = scenario.is_some_and(|s| outcome_call(s, &self.state.messages).is_some());
        Ok(match next(&turn, &[]) {
            Ok(UserTurn::Say(words)) if !judged => {
                Act::Done(self.goes_on(words.text, words.unhelpful))
            }
            Ok(UserTurn::Stop(reason)) => Act::Done(self.stops(reason.as_str())),
            Ok(UserTurn::Say(_) | UserTurn::Ask(_)) => Act::User {
                item: self.item(),
                messages: self.state.messages.clone(),
                user_turns: turns,
                max_turns: limit,
                instructions: String::new(),
                unhelpful_turns,
                judged,
            },
            Ok(UserTurn::AskPerson { prompt }) => {
                return self.person(questions, prompt, |turn| match turn {
                    UserTurn::Say(words) => self.goes_on(words.text, words.unhelpful),
                    UserTurn::Stop(reason) => self.stops(reason.as_str()),
                    UserTurn::Ask(_) | UserTurn::AskPerson { .. } => done(Vec::new()),
                });
            }
            Err(error) => Act::Done(unplayed(&error.to_string())),
        })
    }

    /// The user of a conversation says something.
    fn goes_on(&self, text: Content, unhelpful: bool) -> Outcome {
        let mut writes = said(text);
        writes.push(self.way(0));
        writes.push(fact(&self.turns_key(), json!(self.turns() + 1)));
        if unhelpful {
            let mut turns = self.unhelpful();
            turns.push(self.turns());
            writes.push(fact(&self.unhelpful_key(), json!(turns)));
        }
        done(writes)
    }

    /// The user of a conversation has nothing more to say.
    fn stops(&self, reason: &str) -> Outcome {
        if self.turns() == 0 {
            return unplayed("the simulated user said nothing");
        }
        let mut writes = vec![
            self.way(1),
            fact(STOP_REASON, json!(reason)),
            fact(&self.turns_key(), json!(0)),
        ];
        if !self.unhelpful().is_empty() {
            writes.push(fact(&self.unhelpful_key(), json!([])));
        }
        done(writes)
    }

    fn judge_name(&self, index: usize) -> String {
        format!("{}#{index}", self.node)
    }

    fn decide(&self, whens: &[When]) -> Result<Act, String> {
        let mut metrics = Vec::new();
        for (index, when) in whens.iter().enumerate() {
            match holds(when, &self.state, &self.play.course)? {
                Some(true) if metrics.is_empty() => {
                    return Ok(Act::Done(done(vec![self.way(index)])));
                }
                // What is before it may hold as well, and counts first.
                Some(true) => break,
                Some(false) => {}
                None => metrics.extend(judged(when, &self.judge_name(index))),
            }
        }
        if metrics.is_empty() {
            return Ok(Act::Done(done(vec![self.way(whens.len())])));
        }
        Ok(Act::Evaluate {
            case: self.case(),
            metrics,
        })
    }

    /// Which way a condition takes, by what the judge has said.
    fn decided(&self, whens: &[When], results: &[MetricResult]) -> Result<Outcome, String> {
        for (index, when) in whens.iter().enumerate() {
            let holds = match holds(when, &self.state, &self.play.course)? {
                Some(holds) => holds,
                None => {
                    let name = self.judge_name(index);
                    let said = results.iter().find(|r| r.name == name);
                    match said.map(|r| (r.status, &r.reason)) {
                        Some((MetricStatus::Passed, _)) => true,
                        Some((MetricStatus::Failed, _)) => false,
                        Some((_, reason)) => {
                            return Err(format!(
                                "the judge did not say whether it is so: {reason}"
                            ));
                        }
                        None => return Err("the judge was not asked".into()),
                    }
                }
            };
            if holds {
                return Ok(done(vec![self.way(index)]));
            }
        }
        Ok(done(vec![self.way(whens.len())]))
    }

    /// One more turn of a loop, or its end.
    fn turn(
        &self,
        times: u32,
        r#while: Option<&str>,
        each: Option<&str>,
        item: Option<&str>,
    ) -> Result<Writes, String> {
        let key = format!("loop:{}", self.node);
        let was = self.state.facts.get(&key).filter(|v| v.is_object());
        let count = was.and_then(|w| w.get("count")).and_then(Value::as_u64);
        let count = count.unwrap_or(0);
        let names = self.names();
        let values = match (was.and_then(|w| w.get("each")), each) {
            (Some(values), Some(_)) => Some(values.clone()),
            (None, Some(each)) => Some(value(each, &names)?),
            (_, None) => None,
        };
        let values = match &values {
            None => None,
            Some(Value::Array(values)) => Some(values),
            Some(_) => return Err("`each` does not come to a list".into()),
        };
        let index = usize::try_from(count).unwrap_or(usize::MAX);
        let value = match values {
            None => Some(json!(count)),
            Some(values) => values.get(index).cloned(),
        };
        let again = count < u64::from(times)
            && r#while.map_or(Ok(true), |source| is_true(source, &names))?;
        let Some(value) = value.filter(|_| again) else {
            return Ok(vec![self.way(1), fact(&key, Value::Null)]);
        };
        let mut state = json!({"count": count + 1});
        if let (Some(values), Value::Object(state)) = (values, &mut state) {
            state.insert("each".into(), json!(values));
        }
        let mut writes = vec![self.way(0), fact(&key, state)];
        if let Some(name) = item {
            writes.push(variable(name, value)?);
        }
        Ok(writes)
    }

    /// What it means that the scenario ends here.
    fn ended(&self, result: EndResult) -> Writes {
        let (status, score) = match result {
            EndResult::Passed => (MetricStatus::Passed, 1.0),
            EndResult::Failed => (MetricStatus::Failed, 0.0),
        };
        let verdict = MetricResult {
            name: self.node.to_owned(),
            kind: "end".into(),
            version: 1,
            status,
            score: Some(score),
            threshold: 1.0,
            reason: format!("The scenario ended at `{}`.", self.node),
            severity: Severity::Major,
            confidence: Some(1.0),
            judge_model: None,
            prompt_hash: None,
            raw_verdict: None,
            judge_answers: Vec::new(),
            judgements: None,
            judged_by: None,
            calibration: None,
            breakdown: std::collections::BTreeMap::new(),
            usage: None,
            cost_usd: None,
            latency_ms: None,
        };
        vec![write("scores", json!([verdict]))]
    }

    fn outcome(&self, did: Did) -> Result<Outcome, String> {
        Ok(match (&self.deed.does, did) {
            (_, Did::User(UserTurnResponse::Failed(f)))
            | (_, Did::Target(TargetResponse::Failed(f)))
            | (_, Did::Fetched(FetchResponse::Failed(f))) => failed(f),
            (
                Does::Converse { .. },
                Did::User(UserTurnResponse::Say {
                    text, unhelpful, ..
                }),
            ) => self.goes_on(text, unhelpful),
            (Does::Converse { .. }, Did::User(UserTurnResponse::Stop { reason, .. })) => {
                self.stops(&reason)
            }
            (_, Did::User(UserTurnResponse::Say { text, .. })) => done(said(text)),
            (_, Did::User(UserTurnResponse::Stop { reason, .. })) => {
                done(vec![fact(STOP_REASON, json!(reason))])
            }
            (
                Does::Task {
                    instruction,
                    output,
                },
                Did::Target(TargetResponse::Answer(answer)),
            ) => {
                let mut writes = said(self.rendered(instruction)?.into());
                if let Some(name) = output {
                    writes.push(variable(name, json!(answer.content))?);
                }
                writes.extend(answered(&answer, &self.state));
                done(writes)
            }
            (_, Did::Target(TargetResponse::Answer(answer))) => {
                done(answered(&answer, &self.state))
            }
            (Does::Decide(whens), Did::Evaluated(results)) => self.decided(whens, &results)?,
            (Does::Expect(_, severity), Did::Evaluated(mut results)) => {
                for result in &mut results {
                    result.severity = *severity;
                }
                let failed = results.iter().any(|r| r.status == MetricStatus::Failed);
                let mut writes = vec![write("scores", json!(results))];
                if failed && *severity == Severity::Critical {
                    writes.push(fact(FAILED_AT, json!(self.node)));
                    let reason = "expectation_failed";
                    writes.push(fact(STOP_REASON, json!(reason)));
                }
                done(writes)
            }
            (Does::Rest, Did::Evaluated(results)) => self.rested(results),
            (_, Did::Evaluated(results)) if results.is_empty() => Outcome::Failed(fault(
                RunErrorKind::Metric,
                "no metric applies to this item",
            )),
            (_, Did::Evaluated(results)) => done(vec![write("scores", json!(results))]),
            (
                Does::Fetch {
                    output, any_status, ..
                },
                Did::Fetched(FetchResponse::Answer { status, body, .. }),
            ) => {
                if !any_status && !(200..300).contains(&status) {
                    let message = format!("node `{}`: the server answered {status}", self.node);
                    return Ok(Outcome::Failed(Fault {
                        retryable: status == 429 || status >= 500,
                        ..fault(RunErrorKind::Scenario, message)
                    }));
                }
                let set = output.iter().map(|name| {
                    let answer = json!({"status": status, "body": body});
                    variable(name, answer)
                });
                done(set.collect::<Result<_, String>>()?)
            }
            (_, Did::Fetched(_)) => done(Vec::new()),
            (_, Did::Ran(ProgramResponse::Failed { message })) => {
                return Err(format!("the program {message}"));
            }
            (Does::Run { output, .. }, Did::Ran(ProgramResponse::Value { output: value, .. })) => {
                done(vec![variable(output, value)?])
            }
            (_, Did::Ran(_)) => done(Vec::new()),
        })
    }
}
