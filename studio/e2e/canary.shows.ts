/** What fields each page shows somewhere in its places. Pages that are not named show nothing that people wrote, or only what is newest. */
export const SHOWS: Record<string, string> = {
  "/campaigns": "agent.name broken.name campaign.name campaign.tag failing.name hook.name played.name schedule.name second.name",
  "/campaigns/$id": `
    agent.answer agent.error agent.name broken.name campaign.name campaign.tag contains.name contains.value dataset.name failing.name item.input
    item.key item.more judge.reason judged.name model.name picture.key picture.text`,
  "/campaigns/$id/compare": "agent.name campaign.name contains.name item.key picture.key second.name",
  "/runs/$id": `
    agent.answer agent.error agent.name broken.name campaign.name contains.name contains.value failing.name item.expected item.input item.key
    judge.reason judged.name node.question node.say override.reason played.name scenario.name`,
  "/scenarios": "scenario.name scenario.tag",
  "/scenarios/$id": `
    agent.answer broken.name edge.words node.answer node.ask node.check node.count node.fork node.good node.made node.metric node.person
    node.question node.say node.template own.description own.name scenario.changed scenario.goal scenario.name scenario.outcome
    scenario.situation scenario.stop scenario.tag scenario.variable`,
  "/datasets": "dataset.description dataset.name",
  "/datasets/$id": `
    dataset.description dataset.key dataset.name dataset.value item.context item.expected item.input item.key item.meta item.more item.split
    item.tag item.value picture.key picture.outcome picture.text`,
  "/datasets/$id/import": "dataset.name",
  "/metrics": "library.description library.name library.tag",
  "/metrics/$id": "library.description library.name library.tag metric.criteria metric.shown metric.step",
  "/review": "queue.description queue.name",
  "/review/$id": `
    agent.answer answer.note answer.whole item.more judge.reason judged.name queue.description queue.metric queue.name queue.rule
    schema.name schema.one schema.two`,
  "/review/$id/work": `
    agent.answer item.expected item.input judge.reason judged.name override.reason queue.name schema.name schema.about schema.description
    schema.guidelines schema.one schema.two`,
  "/label-schemas": "schema.name schema.description",
  "/label-schemas/$id": "schema.name schema.about schema.description schema.guidelines schema.one schema.tag schema.two",
  "/calibrations/$id": "judged.name model.name",
  "/traces": "otlp.span trace.input trace.name trace.output trace.session",
  "/traces/$id": `
    chat.answer chat.argument chat.given chat.result chat.role chat.system chat.text chat.tool comment.step comment.trace otlp.error otlp.key
    otlp.model otlp.service otlp.span otlp.value score.comment score.given score.name score.said score.second score.text step.error step.input
    step.key step.model step.parameter step.prompt step.root step.say step.set step.tool step.value step.version trace.input trace.key
    trace.name trace.output trace.release trace.session trace.tag trace.user trace.value trace.version`,
  "/shared/$token": `
    chat.answer chat.argument chat.given chat.result chat.role chat.system chat.text chat.tool score.given score.name score.second score.text
    step.model step.root step.say step.tool trace.input trace.name trace.output`,
  "/sessions": "trace.session",
  "/sessions/$id": `
    comment.session otlp.span score.comment score.given score.name score.said score.second trace.input trace.name trace.output trace.session
    trace.user`,
  "/users": "trace.user",
  "/users/$id": "otlp.span trace.input trace.name trace.session",
  "/console": "agent.answer campaign.name contains.name contains.value item.input item.key judge.reason judged.name",
  "/evaluation-rules": "rule.description rule.metric rule.name",
  "/evaluation-rules/$id": "rule.description rule.filter rule.metric rule.name rule.value",
  "/alerts": "alert.description alert.measure alert.name",
  "/alerts/$id": "alert.description alert.filter alert.measure alert.name",
  "/agents": "agent.description agent.model agent.name broken.description broken.name",
  "/agents/$id": "agent.description agent.model agent.name agent.prompt tool.description tool.message",
  "/models": "model.model model.name",
  "/models/$id": "model.model model.name",
  "/personas": "persona.description persona.language persona.name persona.trait",
  "/personas/$id": `
    persona.description persona.fact persona.goal persona.knowledge persona.language persona.mood persona.name persona.style persona.tag
    persona.tone persona.trait`,
  "/prompts": "prompt.name",
  "/prompts/$id": `
    prompt.changed prompt.description prompt.first prompt.key prompt.name prompt.role prompt.second prompt.tag prompt.text prompt.value`,
  "/knowledge": "base.description base.name base.tag",
  "/knowledge/$id": `
    base.description base.key base.name base.tag base.value document.0 document.1 document.description document.key document.tag document.value`,
  "/programs": "program.description program.name",
  "/programs/$id": "program.description program.name",
  "/secrets": "secret.description",
  "/secrets/$id": "secret.description",
  "/settings/team": "role.description role.name",
  "/settings/keys": "account.description account.name key.name",
  "/settings/destinations": "destination.name",
};
