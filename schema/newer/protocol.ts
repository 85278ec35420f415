// The engine's own TypeScript, all files in one. Made by `cargo xtask schema-update`.
// file: ClientRequest.ts
import type { FuzzyFileSearchParams } from "./FuzzyFileSearchParams";
import type { FuzzyFileSearchSessionStartParams } from "./FuzzyFileSearchSessionStartParams";
import type { FuzzyFileSearchSessionStopParams } from "./FuzzyFileSearchSessionStopParams";
import type { FuzzyFileSearchSessionUpdateParams } from "./FuzzyFileSearchSessionUpdateParams";
import type { GetAuthStatusParams } from "./GetAuthStatusParams";
import type { GetConversationSummaryParams } from "./GetConversationSummaryParams";
import type { GitDiffToRemoteParams } from "./GitDiffToRemoteParams";
import type { InitializeParams } from "./InitializeParams";
import type { RequestId } from "./RequestId";
import type { AccountSessionsListParams } from "./v2/AccountSessionsListParams";
import type { AccountSessionsSwitchParams } from "./v2/AccountSessionsSwitchParams";
import type { AppsInstalledParams } from "./v2/AppsInstalledParams";
import type { AppsListParams } from "./v2/AppsListParams";
import type { AppsReadParams } from "./v2/AppsReadParams";
import type { BedrockCheckGovCloudRequirementsParams } from "./v2/BedrockCheckGovCloudRequirementsParams";
import type { BedrockDiscoverParams } from "./v2/BedrockDiscoverParams";
import type { BedrockSetupParams } from "./v2/BedrockSetupParams";
import type { CancelLoginAccountParams } from "./v2/CancelLoginAccountParams";
import type { CollaborationModeListParams } from "./v2/CollaborationModeListParams";
import type { CommandExecParams } from "./v2/CommandExecParams";
import type { CommandExecResizeParams } from "./v2/CommandExecResizeParams";
import type { CommandExecTerminateParams } from "./v2/CommandExecTerminateParams";
import type { CommandExecWriteParams } from "./v2/CommandExecWriteParams";
import type { ConfigBatchWriteParams } from "./v2/ConfigBatchWriteParams";
import type { ConfigReadParams } from "./v2/ConfigReadParams";
import type { ConfigValueWriteParams } from "./v2/ConfigValueWriteParams";
import type { ConsumeAccountRateLimitResetCreditParams } from "./v2/ConsumeAccountRateLimitResetCreditParams";
import type { EnvironmentAddParams } from "./v2/EnvironmentAddParams";
import type { EnvironmentInfoParams } from "./v2/EnvironmentInfoParams";
import type { EnvironmentStatusParams } from "./v2/EnvironmentStatusParams";
import type { ExperimentalFeatureEnablementSetParams } from "./v2/ExperimentalFeatureEnablementSetParams";
import type { ExperimentalFeatureListParams } from "./v2/ExperimentalFeatureListParams";
import type { ExternalAgentConfigDetectParams } from "./v2/ExternalAgentConfigDetectParams";
import type { ExternalAgentConfigImportHistoryRecordParams } from "./v2/ExternalAgentConfigImportHistoryRecordParams";
import type { ExternalAgentConfigImportParams } from "./v2/ExternalAgentConfigImportParams";
import type { FeedbackSaveParams } from "./v2/FeedbackSaveParams";
import type { FeedbackUploadParams } from "./v2/FeedbackUploadParams";
import type { FsCopyParams } from "./v2/FsCopyParams";
import type { FsCreateDirectoryParams } from "./v2/FsCreateDirectoryParams";
import type { FsGetMetadataParams } from "./v2/FsGetMetadataParams";
import type { FsReadDirectoryParams } from "./v2/FsReadDirectoryParams";
import type { FsReadFileParams } from "./v2/FsReadFileParams";
import type { FsRemoveParams } from "./v2/FsRemoveParams";
import type { FsUnwatchParams } from "./v2/FsUnwatchParams";
import type { FsWatchParams } from "./v2/FsWatchParams";
import type { FsWriteFileParams } from "./v2/FsWriteFileParams";
import type { GatewayOAuthLoginParams } from "./v2/GatewayOAuthLoginParams";
import type { GatewayOAuthReadParams } from "./v2/GatewayOAuthReadParams";
import type { GcpSetupParams } from "./v2/GcpSetupParams";
import type { GetAccountParams } from "./v2/GetAccountParams";
import type { GetAccountRateLimitsParams } from "./v2/GetAccountRateLimitsParams";
import type { GetAccountTokenUsageParams } from "./v2/GetAccountTokenUsageParams";
import type { HooksListParams } from "./v2/HooksListParams";
import type { ListMcpServerStatusParams } from "./v2/ListMcpServerStatusParams";
import type { LoginAccountParams } from "./v2/LoginAccountParams";
import type { MarketplaceAddParams } from "./v2/MarketplaceAddParams";
import type { MarketplaceRemoveParams } from "./v2/MarketplaceRemoveParams";
import type { MarketplaceUpgradeParams } from "./v2/MarketplaceUpgradeParams";
import type { McpResourceReadParams } from "./v2/McpResourceReadParams";
import type { McpServerEventStreamStartParams } from "./v2/McpServerEventStreamStartParams";
import type { McpServerEventStreamStopParams } from "./v2/McpServerEventStreamStopParams";
import type { McpServerOauthLoginParams } from "./v2/McpServerOauthLoginParams";
import type { McpServerToolCallParams } from "./v2/McpServerToolCallParams";
import type { MemoryStatusParams } from "./v2/MemoryStatusParams";
import type { MockExperimentalMethodParams } from "./v2/MockExperimentalMethodParams";
import type { ModelListParams } from "./v2/ModelListParams";
import type { ModelProviderCapabilitiesReadParams } from "./v2/ModelProviderCapabilitiesReadParams";
import type { ModelProviderConfigWriteParams } from "./v2/ModelProviderConfigWriteParams";
import type { ModelProviderListParams } from "./v2/ModelProviderListParams";
import type { PermissionProfileListParams } from "./v2/PermissionProfileListParams";
import type { PluginInstallParams } from "./v2/PluginInstallParams";
import type { PluginInstalledParams } from "./v2/PluginInstalledParams";
import type { PluginListParams } from "./v2/PluginListParams";
import type { PluginReadParams } from "./v2/PluginReadParams";
import type { PluginReconcileParams } from "./v2/PluginReconcileParams";
import type { PluginSearchParams } from "./v2/PluginSearchParams";
import type { PluginShareCheckoutParams } from "./v2/PluginShareCheckoutParams";
import type { PluginShareDeleteParams } from "./v2/PluginShareDeleteParams";
import type { PluginShareListParams } from "./v2/PluginShareListParams";
import type { PluginShareSaveParams } from "./v2/PluginShareSaveParams";
import type { PluginShareUpdateTargetsParams } from "./v2/PluginShareUpdateTargetsParams";
import type { PluginSkillReadParams } from "./v2/PluginSkillReadParams";
import type { PluginUninstallParams } from "./v2/PluginUninstallParams";
import type { ProcessKillParams } from "./v2/ProcessKillParams";
import type { ProcessResizePtyParams } from "./v2/ProcessResizePtyParams";
import type { ProcessSpawnParams } from "./v2/ProcessSpawnParams";
import type { ProcessWriteStdinParams } from "./v2/ProcessWriteStdinParams";
import type { ProjectCreateParams } from "./v2/ProjectCreateParams";
import type { ProjectDeleteParams } from "./v2/ProjectDeleteParams";
import type { ProjectImportParams } from "./v2/ProjectImportParams";
import type { ProjectListParams } from "./v2/ProjectListParams";
import type { ProjectMoveParams } from "./v2/ProjectMoveParams";
import type { ProjectReadParams } from "./v2/ProjectReadParams";
import type { ProjectUpdateParams } from "./v2/ProjectUpdateParams";
import type { RemoteControlClientsListParams } from "./v2/RemoteControlClientsListParams";
import type { RemoteControlClientsRevokeParams } from "./v2/RemoteControlClientsRevokeParams";
import type { RemoteControlDisableParams } from "./v2/RemoteControlDisableParams";
import type { RemoteControlEnableParams } from "./v2/RemoteControlEnableParams";
import type { RemoteControlPairingStartParams } from "./v2/RemoteControlPairingStartParams";
import type { RemoteControlPairingStatusParams } from "./v2/RemoteControlPairingStatusParams";
import type { ReviewStartParams } from "./v2/ReviewStartParams";
import type { SendAddCreditsNudgeEmailParams } from "./v2/SendAddCreditsNudgeEmailParams";
import type { ServerDiagnosticsParams } from "./v2/ServerDiagnosticsParams";
import type { SkillsConfigWriteParams } from "./v2/SkillsConfigWriteParams";
import type { SkillsExtraRootsSetParams } from "./v2/SkillsExtraRootsSetParams";
import type { SkillsListParams } from "./v2/SkillsListParams";
import type { ThreadApproveGuardianDeniedActionParams } from "./v2/ThreadApproveGuardianDeniedActionParams";
import type { ThreadArchiveParams } from "./v2/ThreadArchiveParams";
import type { ThreadAttachmentAddParams } from "./v2/ThreadAttachmentAddParams";
import type { ThreadAttachmentListParams } from "./v2/ThreadAttachmentListParams";
import type { ThreadAttachmentOwnerListParams } from "./v2/ThreadAttachmentOwnerListParams";
import type { ThreadAttachmentRemoveParams } from "./v2/ThreadAttachmentRemoveParams";
import type { ThreadBackgroundTerminalsCleanParams } from "./v2/ThreadBackgroundTerminalsCleanParams";
import type { ThreadBackgroundTerminalsListParams } from "./v2/ThreadBackgroundTerminalsListParams";
import type { ThreadBackgroundTerminalsTerminateParams } from "./v2/ThreadBackgroundTerminalsTerminateParams";
import type { ThreadCompactStartParams } from "./v2/ThreadCompactStartParams";
import type { ThreadDecrementElicitationParams } from "./v2/ThreadDecrementElicitationParams";
import type { ThreadDeleteParams } from "./v2/ThreadDeleteParams";
import type { ThreadForkParams } from "./v2/ThreadForkParams";
import type { ThreadGoalClearParams } from "./v2/ThreadGoalClearParams";
import type { ThreadGoalGetParams } from "./v2/ThreadGoalGetParams";
import type { ThreadGoalSetParams } from "./v2/ThreadGoalSetParams";
import type { ThreadGuardianReviewParams } from "./v2/ThreadGuardianReviewParams";
import type { ThreadIncrementElicitationParams } from "./v2/ThreadIncrementElicitationParams";
import type { ThreadInjectItemsParams } from "./v2/ThreadInjectItemsParams";
import type { ThreadItemsListParams } from "./v2/ThreadItemsListParams";
import type { ThreadItemsReadParams } from "./v2/ThreadItemsReadParams";
import type { ThreadListParams } from "./v2/ThreadListParams";
import type { ThreadLoadedListParams } from "./v2/ThreadLoadedListParams";
import type { ThreadMemoryModeSetParams } from "./v2/ThreadMemoryModeSetParams";
import type { ThreadMemoryReadParams } from "./v2/ThreadMemoryReadParams";
import type { ThreadMetadataUpdateParams } from "./v2/ThreadMetadataUpdateParams";
import type { ThreadPredictionRequestParams } from "./v2/ThreadPredictionRequestParams";
import type { ThreadPrepareApprovedPlanParams } from "./v2/ThreadPrepareApprovedPlanParams";
import type { ThreadQueueAddParams } from "./v2/ThreadQueueAddParams";
import type { ThreadQueueDeleteParams } from "./v2/ThreadQueueDeleteParams";
import type { ThreadQueueListParams } from "./v2/ThreadQueueListParams";
import type { ThreadQueueReorderParams } from "./v2/ThreadQueueReorderParams";
import type { ThreadQueueStartParams } from "./v2/ThreadQueueStartParams";
import type { ThreadQueueUpdateParams } from "./v2/ThreadQueueUpdateParams";
import type { ThreadReadParams } from "./v2/ThreadReadParams";
import type { ThreadReadStateUpdateParams } from "./v2/ThreadReadStateUpdateParams";
import type { ThreadRealtimeAppendAudioParams } from "./v2/ThreadRealtimeAppendAudioParams";
import type { ThreadRealtimeAppendSpeechParams } from "./v2/ThreadRealtimeAppendSpeechParams";
import type { ThreadRealtimeAppendTextParams } from "./v2/ThreadRealtimeAppendTextParams";
import type { ThreadRealtimeListVoicesParams } from "./v2/ThreadRealtimeListVoicesParams";
import type { ThreadRealtimeStartParams } from "./v2/ThreadRealtimeStartParams";
import type { ThreadRealtimeStopParams } from "./v2/ThreadRealtimeStopParams";
import type { ThreadResumeParams } from "./v2/ThreadResumeParams";
import type { ThreadRevertParams } from "./v2/ThreadRevertParams";
import type { ThreadSampleCancelParams } from "./v2/ThreadSampleCancelParams";
import type { ThreadSampleParams } from "./v2/ThreadSampleParams";
import type { ThreadSearchOccurrencesParams } from "./v2/ThreadSearchOccurrencesParams";
import type { ThreadSearchParams } from "./v2/ThreadSearchParams";
import type { ThreadSectionCreateParams } from "./v2/ThreadSectionCreateParams";
import type { ThreadSectionDeleteParams } from "./v2/ThreadSectionDeleteParams";
import type { ThreadSectionListParams } from "./v2/ThreadSectionListParams";
import type { ThreadSectionMoveParams } from "./v2/ThreadSectionMoveParams";
import type { ThreadSectionUpdateParams } from "./v2/ThreadSectionUpdateParams";
import type { ThreadSetNameParams } from "./v2/ThreadSetNameParams";
import type { ThreadSettingsUpdateParams } from "./v2/ThreadSettingsUpdateParams";
import type { ThreadShellCommandParams } from "./v2/ThreadShellCommandParams";
import type { ThreadStartParams } from "./v2/ThreadStartParams";
import type { ThreadTimelineListParams } from "./v2/ThreadTimelineListParams";
import type { ThreadTurnsListParams } from "./v2/ThreadTurnsListParams";
import type { ThreadUnarchiveParams } from "./v2/ThreadUnarchiveParams";
import type { ThreadUnsubscribeParams } from "./v2/ThreadUnsubscribeParams";
import type { TurnInterruptParams } from "./v2/TurnInterruptParams";
import type { TurnSettingsUpdateParams } from "./v2/TurnSettingsUpdateParams";
import type { TurnStartParams } from "./v2/TurnStartParams";
import type { TurnSteerParams } from "./v2/TurnSteerParams";
import type { UserVerificationCancelParams } from "./v2/UserVerificationCancelParams";
import type { UserVerificationDeleteParams } from "./v2/UserVerificationDeleteParams";
import type { UserVerificationEnrollParams } from "./v2/UserVerificationEnrollParams";
import type { UserVerificationStatusParams } from "./v2/UserVerificationStatusParams";
import type { UserVerificationVerifyParams } from "./v2/UserVerificationVerifyParams";
import type { WindowsSandboxSetupStartParams } from "./v2/WindowsSandboxSetupStartParams";
/**
 * Request from the client to the server.
 */
export type ClientRequest = { "method": "initialize", id: RequestId, params: InitializeParams, } | { "method": "server/diagnostics", id: RequestId, params: ServerDiagnosticsParams, } | { "method": "userVerification/status", id: RequestId, params: UserVerificationStatusParams, } | { "method": "userVerification/enroll", id: RequestId, params: UserVerificationEnrollParams, } | { "method": "userVerification/delete", id: RequestId, params: UserVerificationDeleteParams, } | { "method": "userVerification/verify", id: RequestId, params: UserVerificationVerifyParams, } | { "method": "userVerification/cancel", id: RequestId, params: UserVerificationCancelParams, } | { "method": "thread/start", id: RequestId, params: ThreadStartParams, } | { "method": "thread/resume", id: RequestId, params: ThreadResumeParams, } | { "method": "thread/fork", id: RequestId, params: ThreadForkParams, } | { "method": "thread/sample", id: RequestId, params: ThreadSampleParams, } | { "method": "thread/sample/cancel", id: RequestId, params: ThreadSampleCancelParams, } | { "method": "thread/archive", id: RequestId, params: ThreadArchiveParams, } | { "method": "thread/delete", id: RequestId, params: ThreadDeleteParams, } | { "method": "thread/unsubscribe", id: RequestId, params: ThreadUnsubscribeParams, } | { "method": "thread/increment_elicitation", id: RequestId, params: ThreadIncrementElicitationParams, } | { "method": "thread/decrement_elicitation", id: RequestId, params: ThreadDecrementElicitationParams, } | { "method": "thread/name/set", id: RequestId, params: ThreadSetNameParams, } | { "method": "thread/prediction/request", id: RequestId, params: ThreadPredictionRequestParams, } | { "method": "thread/goal/set", id: RequestId, params: ThreadGoalSetParams, } | { "method": "thread/goal/get", id: RequestId, params: ThreadGoalGetParams, } | { "method": "thread/goal/clear", id: RequestId, params: ThreadGoalClearParams, } | { "method": "thread/queue/add", id: RequestId, params: ThreadQueueAddParams, } | { "method": "thread/queue/list", id: RequestId, params: ThreadQueueListParams, } | { "method": "thread/queue/update", id: RequestId, params: ThreadQueueUpdateParams, } | { "method": "thread/queue/delete", id: RequestId, params: ThreadQueueDeleteParams, } | { "method": "thread/queue/reorder", id: RequestId, params: ThreadQueueReorderParams, } | { "method": "thread/queue/start", id: RequestId, params: ThreadQueueStartParams, } | { "method": "thread/metadata/update", id: RequestId, params: ThreadMetadataUpdateParams, } | { "method": "thread/attachment/add", id: RequestId, params: ThreadAttachmentAddParams, } | { "method": "thread/attachment/list", id: RequestId, params: ThreadAttachmentListParams, } | { "method": "thread/attachmentOwner/list", id: RequestId, params: ThreadAttachmentOwnerListParams, } | { "method": "thread/attachment/remove", id: RequestId, params: ThreadAttachmentRemoveParams, } | { "method": "thread/section/move", id: RequestId, params: ThreadSectionMoveParams, } | { "method": "thread/settings/update", id: RequestId, params: ThreadSettingsUpdateParams, } | { "method": "thread/memoryMode/set", id: RequestId, params: ThreadMemoryModeSetParams, } | { "method": "thread/memory/read", id: RequestId, params: ThreadMemoryReadParams, } | { "method": "memory/status", id: RequestId, params: MemoryStatusParams, } | { "method": "memory/reset", id: RequestId, params: undefined, } | { "method": "rollout/compress", id: RequestId, params: undefined, } | { "method": "thread/unarchive", id: RequestId, params: ThreadUnarchiveParams, } | { "method": "thread/compact/start", id: RequestId, params: ThreadCompactStartParams, } | { "method": "thread/shellCommand", id: RequestId, params: ThreadShellCommandParams, } | { "method": "thread/approveGuardianDeniedAction", id: RequestId, params: ThreadApproveGuardianDeniedActionParams, } | { "method": "thread/backgroundTerminals/clean", id: RequestId, params: ThreadBackgroundTerminalsCleanParams, } | { "method": "thread/backgroundTerminals/list", id: RequestId, params: ThreadBackgroundTerminalsListParams, } | { "method": "thread/backgroundTerminals/terminate", id: RequestId, params: ThreadBackgroundTerminalsTerminateParams, } | { "method": "thread/revert", id: RequestId, params: ThreadRevertParams, } | { "method": "thread/list", id: RequestId, params: ThreadListParams, } | { "method": "project/list", id: RequestId, params: ProjectListParams, } | { "method": "project/read", id: RequestId, params: ProjectReadParams, } | { "method": "project/create", id: RequestId, params: ProjectCreateParams, } | { "method": "project/import", id: RequestId, params: ProjectImportParams, } | { "method": "project/update", id: RequestId, params: ProjectUpdateParams, } | { "method": "project/move", id: RequestId, params: ProjectMoveParams, } | { "method": "project/delete", id: RequestId, params: ProjectDeleteParams, } | { "method": "threadSection/list", id: RequestId, params: ThreadSectionListParams, } | { "method": "threadSection/create", id: RequestId, params: ThreadSectionCreateParams, } | { "method": "threadSection/update", id: RequestId, params: ThreadSectionUpdateParams, } | { "method": "threadSection/delete", id: RequestId, params: ThreadSectionDeleteParams, } | { "method": "thread/search", id: RequestId, params: ThreadSearchParams, } | { "method": "thread/searchOccurrences", id: RequestId, params: ThreadSearchOccurrencesParams, } | { "method": "thread/loaded/list", id: RequestId, params: ThreadLoadedListParams, } | { "method": "thread/read", id: RequestId, params: ThreadReadParams, } | { "method": "thread/readState/update", id: RequestId, params: ThreadReadStateUpdateParams, } | { "method": "thread/turns/list", id: RequestId, params: ThreadTurnsListParams, } | { "method": "thread/items/list", id: RequestId, params: ThreadItemsListParams, } | { "method": "thread/items/read", id: RequestId, params: ThreadItemsReadParams, } | { "method": "thread/guardianReview", id: RequestId, params: ThreadGuardianReviewParams, } | { "method": "thread/inject_items", id: RequestId, params: ThreadInjectItemsParams, } | { "method": "thread/prepareApprovedPlan", id: RequestId, params: ThreadPrepareApprovedPlanParams, } | { "method": "skills/list", id: RequestId, params: SkillsListParams, } | { "method": "skills/extraRoots/set", id: RequestId, params: SkillsExtraRootsSetParams, } | { "method": "hooks/list", id: RequestId, params: HooksListParams, } | { "method": "marketplace/add", id: RequestId, params: MarketplaceAddParams, } | { "method": "marketplace/remove", id: RequestId, params: MarketplaceRemoveParams, } | { "method": "marketplace/upgrade", id: RequestId, params: MarketplaceUpgradeParams, } | { "method": "plugin/list", id: RequestId, params: PluginListParams, } | { "method": "plugin/search", id: RequestId, params: PluginSearchParams, } | { "method": "plugin/installed", id: RequestId, params: PluginInstalledParams, } | { "method": "plugin/reconcile", id: RequestId, params: PluginReconcileParams, } | { "method": "plugin/read", id: RequestId, params: PluginReadParams, } | { "method": "plugin/skill/read", id: RequestId, params: PluginSkillReadParams, } | { "method": "plugin/share/save", id: RequestId, params: PluginShareSaveParams, } | { "method": "plugin/share/updateTargets", id: RequestId, params: PluginShareUpdateTargetsParams, } | { "method": "plugin/share/list", id: RequestId, params: PluginShareListParams, } | { "method": "plugin/share/checkout", id: RequestId, params: PluginShareCheckoutParams, } | { "method": "plugin/share/delete", id: RequestId, params: PluginShareDeleteParams, } | { "method": "app/read", id: RequestId, params: AppsReadParams, } | { "method": "app/list", id: RequestId, params: AppsListParams, } | { "method": "app/installed", id: RequestId, params: AppsInstalledParams, } | { "method": "fs/readFile", id: RequestId, params: FsReadFileParams, } | { "method": "fs/writeFile", id: RequestId, params: FsWriteFileParams, } | { "method": "fs/createDirectory", id: RequestId, params: FsCreateDirectoryParams, } | { "method": "fs/getMetadata", id: RequestId, params: FsGetMetadataParams, } | { "method": "fs/readDirectory", id: RequestId, params: FsReadDirectoryParams, } | { "method": "fs/remove", id: RequestId, params: FsRemoveParams, } | { "method": "fs/copy", id: RequestId, params: FsCopyParams, } | { "method": "fs/watch", id: RequestId, params: FsWatchParams, } | { "method": "fs/unwatch", id: RequestId, params: FsUnwatchParams, } | { "method": "skills/config/write", id: RequestId, params: SkillsConfigWriteParams, } | { "method": "plugin/install", id: RequestId, params: PluginInstallParams, } | { "method": "plugin/uninstall", id: RequestId, params: PluginUninstallParams, } | { "method": "turn/start", id: RequestId, params: TurnStartParams, } | { "method": "turn/settings/update", id: RequestId, params: TurnSettingsUpdateParams, } | { "method": "turn/steer", id: RequestId, params: TurnSteerParams, } | { "method": "turn/interrupt", id: RequestId, params: TurnInterruptParams, } | { "method": "thread/realtime/start", id: RequestId, params: ThreadRealtimeStartParams, } | { "method": "thread/realtime/appendAudio", id: RequestId, params: ThreadRealtimeAppendAudioParams, } | { "method": "thread/realtime/appendText", id: RequestId, params: ThreadRealtimeAppendTextParams, } | { "method": "thread/realtime/appendSpeech", id: RequestId, params: ThreadRealtimeAppendSpeechParams, } | { "method": "thread/realtime/stop", id: RequestId, params: ThreadRealtimeStopParams, } | { "method": "thread/timeline/list", id: RequestId, params: ThreadTimelineListParams, } | { "method": "thread/realtime/listVoices", id: RequestId, params: ThreadRealtimeListVoicesParams, } | { "method": "review/start", id: RequestId, params: ReviewStartParams, } | { "method": "model/list", id: RequestId, params: ModelListParams, } | { "method": "account/gatewayOAuth/read", id: RequestId, params?: GatewayOAuthReadParams | null | undefined, } | { "method": "account/gatewayOAuth/login", id: RequestId, params?: GatewayOAuthLoginParams | null | undefined, } | { "method": "account/gatewayOAuth/cancel", id: RequestId, params: undefined, } | { "method": "modelProvider/list", id: RequestId, params: ModelProviderListParams, } | { "method": "modelProvider/config/write", id: RequestId, params: ModelProviderConfigWriteParams, } | { "method": "modelProvider/capabilities/read", id: RequestId, params: ModelProviderCapabilitiesReadParams, } | { "method": "experimentalFeature/list", id: RequestId, params: ExperimentalFeatureListParams, } | { "method": "permissionProfile/list", id: RequestId, params: PermissionProfileListParams, } | { "method": "experimentalFeature/enablement/set", id: RequestId, params: ExperimentalFeatureEnablementSetParams, } | { "method": "remoteControl/enable", id: RequestId, params: RemoteControlEnableParams | null, } | { "method": "remoteControl/disable", id: RequestId, params: RemoteControlDisableParams | null, } | { "method": "remoteControl/status/read", id: RequestId, params: undefined, } | { "method": "remoteControl/pairing/start", id: RequestId, params: RemoteControlPairingStartParams, } | { "method": "remoteControl/pairing/status", id: RequestId, params: RemoteControlPairingStatusParams, } | { "method": "remoteControl/client/list", id: RequestId, params: RemoteControlClientsListParams, } | { "method": "remoteControl/client/revoke", id: RequestId, params: RemoteControlClientsRevokeParams, } | { "method": "collaborationMode/list", id: RequestId, params: CollaborationModeListParams, } | { "method": "mock/experimentalMethod", id: RequestId, params: MockExperimentalMethodParams, } | { "method": "environment/add", id: RequestId, params: EnvironmentAddParams, } | { "method": "environment/info", id: RequestId, params: EnvironmentInfoParams, } | { "method": "environment/status", id: RequestId, params: EnvironmentStatusParams, } | { "method": "mcpServer/oauth/login", id: RequestId, params: McpServerOauthLoginParams, } | { "method": "config/mcpServer/reload", id: RequestId, params: undefined, } | { "method": "mcpServerStatus/list", id: RequestId, params: ListMcpServerStatusParams, } | { "method": "mcpServer/resource/read", id: RequestId, params: McpResourceReadParams, } | { "method": "mcpServer/event/stream/start", id: RequestId, params: McpServerEventStreamStartParams, } | { "method": "mcpServer/event/stream/stop", id: RequestId, params: McpServerEventStreamStopParams, } | { "method": "mcpServer/tool/call", id: RequestId, params: McpServerToolCallParams, } | { "method": "windowsSandbox/setupStart", id: RequestId, params: WindowsSandboxSetupStartParams, } | { "method": "windowsSandbox/readiness", id: RequestId, params: undefined, } | { "method": "account/login/start", id: RequestId, params: LoginAccountParams, } | { "method": "account/bedrock/discover", id: RequestId, params: BedrockDiscoverParams, } | { "method": "account/bedrock/setup", id: RequestId, params: BedrockSetupParams, } | { "method": "account/gcp/setup", id: RequestId, params: GcpSetupParams, } | { "method": "account/bedrock/checkGovCloudRequirements", id: RequestId, params: BedrockCheckGovCloudRequirementsParams, } | { "method": "account/login/cancel", id: RequestId, params: CancelLoginAccountParams, } | { "method": "accountSession/list", id: RequestId, params: AccountSessionsListParams, } | { "method": "accountSession/switch", id: RequestId, params: AccountSessionsSwitchParams, } | { "method": "account/logout", id: RequestId, params: undefined, } | { "method": "account/securitySetup/read", id: RequestId, params: undefined, } | { "method": "account/rateLimits/read", id: RequestId, params?: GetAccountRateLimitsParams | undefined, } | { "method": "account/rateLimitResetCredit/consume", id: RequestId, params: ConsumeAccountRateLimitResetCreditParams, } | { "method": "account/usage/read", id: RequestId, params?: GetAccountTokenUsageParams | undefined, } | { "method": "account/workspaceMessages/read", id: RequestId, params: undefined, } | { "method": "account/sendAddCreditsNudgeEmail", id: RequestId, params: SendAddCreditsNudgeEmailParams, } | { "method": "feedback/upload", id: RequestId, params: FeedbackUploadParams, } | { "method": "feedback/save", id: RequestId, params: FeedbackSaveParams, } | { "method": "command/exec", id: RequestId, params: CommandExecParams, } | { "method": "command/exec/write", id: RequestId, params: CommandExecWriteParams, } | { "method": "command/exec/terminate", id: RequestId, params: CommandExecTerminateParams, } | { "method": "command/exec/resize", id: RequestId, params: CommandExecResizeParams, } | { "method": "process/spawn", id: RequestId, params: ProcessSpawnParams, } | { "method": "process/writeStdin", id: RequestId, params: ProcessWriteStdinParams, } | { "method": "process/kill", id: RequestId, params: ProcessKillParams, } | { "method": "process/resizePty", id: RequestId, params: ProcessResizePtyParams, } | { "method": "config/read", id: RequestId, params: ConfigReadParams, } | { "method": "externalAgentConfig/detect", id: RequestId, params: ExternalAgentConfigDetectParams, } | { "method": "externalAgentConfig/import", id: RequestId, params: ExternalAgentConfigImportParams, } | { "method": "externalAgentConfig/import/recordHistory", id: RequestId, params: ExternalAgentConfigImportHistoryRecordParams, } | { "method": "externalAgentConfig/import/readHistories", id: RequestId, params: undefined, } | { "method": "config/value/write", id: RequestId, params: ConfigValueWriteParams, } | { "method": "config/batchWrite", id: RequestId, params: ConfigBatchWriteParams, } | { "method": "configRequirements/read", id: RequestId, params: undefined, } | { "method": "account/read", id: RequestId, params: GetAccountParams, } | { "method": "getConversationSummary", id: RequestId, params: GetConversationSummaryParams, } | { "method": "gitDiffToRemote", id: RequestId, params: GitDiffToRemoteParams, } | { "method": "getAuthStatus", id: RequestId, params: GetAuthStatusParams, } | { "method": "fuzzyFileSearch", id: RequestId, params: FuzzyFileSearchParams, } | { "method": "fuzzyFileSearch/sessionStart", id: RequestId, params: FuzzyFileSearchSessionStartParams, } | { "method": "fuzzyFileSearch/sessionUpdate", id: RequestId, params: FuzzyFileSearchSessionUpdateParams, } | { "method": "fuzzyFileSearch/sessionStop", id: RequestId, params: FuzzyFileSearchSessionStopParams, };
// file: GuardianAssessmentOutcome.ts
/**
 * Final allow/deny outcome returned by the guardian reviewer.
 */
export type GuardianAssessmentOutcome = "allow" | "deny";
// file: ServerNotification.ts
import type { FuzzyFileSearchSessionCompletedNotification } from "./FuzzyFileSearchSessionCompletedNotification";
import type { FuzzyFileSearchSessionUpdatedNotification } from "./FuzzyFileSearchSessionUpdatedNotification";
import type { AccountLoginCompletedNotification } from "./v2/AccountLoginCompletedNotification";
import type { AccountRateLimitsUpdatedNotification } from "./v2/AccountRateLimitsUpdatedNotification";
import type { AccountUpdatedNotification } from "./v2/AccountUpdatedNotification";
import type { AgentMessageDeltaNotification } from "./v2/AgentMessageDeltaNotification";
import type { AppListUpdatedNotification } from "./v2/AppListUpdatedNotification";
import type { AuthRecoveryNotification } from "./v2/AuthRecoveryNotification";
import type { CommandExecOutputDeltaNotification } from "./v2/CommandExecOutputDeltaNotification";
import type { CommandExecutionOutputDeltaNotification } from "./v2/CommandExecutionOutputDeltaNotification";
import type { ConfigWarningNotification } from "./v2/ConfigWarningNotification";
import type { ContextCompactedNotification } from "./v2/ContextCompactedNotification";
import type { DeprecationNoticeNotification } from "./v2/DeprecationNoticeNotification";
import type { EnvironmentConnectionNotification } from "./v2/EnvironmentConnectionNotification";
import type { ErrorNotification } from "./v2/ErrorNotification";
import type { ExternalAgentConfigImportCompletedNotification } from "./v2/ExternalAgentConfigImportCompletedNotification";
import type { ExternalAgentConfigImportProgressNotification } from "./v2/ExternalAgentConfigImportProgressNotification";
import type { FileChangeOutputDeltaNotification } from "./v2/FileChangeOutputDeltaNotification";
import type { FileChangePatchUpdatedNotification } from "./v2/FileChangePatchUpdatedNotification";
import type { FsChangedNotification } from "./v2/FsChangedNotification";
import type { GatewayOAuthChangedNotification } from "./v2/GatewayOAuthChangedNotification";
import type { GuardianWarningNotification } from "./v2/GuardianWarningNotification";
import type { HookCompletedNotification } from "./v2/HookCompletedNotification";
import type { HookStartedNotification } from "./v2/HookStartedNotification";
import type { ItemCompletedNotification } from "./v2/ItemCompletedNotification";
import type { ItemGuardianApprovalReviewCompletedNotification } from "./v2/ItemGuardianApprovalReviewCompletedNotification";
import type { ItemGuardianApprovalReviewStartedNotification } from "./v2/ItemGuardianApprovalReviewStartedNotification";
import type { ItemStartedNotification } from "./v2/ItemStartedNotification";
import type { McpServerEventStreamNotification } from "./v2/McpServerEventStreamNotification";
import type { McpServerOauthLoginCompletedNotification } from "./v2/McpServerOauthLoginCompletedNotification";
import type { McpServerStatusUpdatedNotification } from "./v2/McpServerStatusUpdatedNotification";
import type { McpToolCallProgressNotification } from "./v2/McpToolCallProgressNotification";
import type { ModelReroutedNotification } from "./v2/ModelReroutedNotification";
import type { ModelSafetyBufferingUpdatedNotification } from "./v2/ModelSafetyBufferingUpdatedNotification";
import type { ModelVerificationNotification } from "./v2/ModelVerificationNotification";
import type { PlanDeltaNotification } from "./v2/PlanDeltaNotification";
import type { ProcessExitedNotification } from "./v2/ProcessExitedNotification";
import type { ProcessOutputDeltaNotification } from "./v2/ProcessOutputDeltaNotification";
import type { ProjectChangedNotification } from "./v2/ProjectChangedNotification";
import type { RawResponseCompletedNotification } from "./v2/RawResponseCompletedNotification";
import type { RawResponseItemCompletedNotification } from "./v2/RawResponseItemCompletedNotification";
import type { ReasoningSummaryPartAddedNotification } from "./v2/ReasoningSummaryPartAddedNotification";
import type { ReasoningSummaryTextDeltaNotification } from "./v2/ReasoningSummaryTextDeltaNotification";
import type { ReasoningTextDeltaNotification } from "./v2/ReasoningTextDeltaNotification";
import type { RemoteControlStatusChangedNotification } from "./v2/RemoteControlStatusChangedNotification";
import type { ServerRequestResolvedNotification } from "./v2/ServerRequestResolvedNotification";
import type { SkillsChangedNotification } from "./v2/SkillsChangedNotification";
import type { StrictReviewRequiredNotification } from "./v2/StrictReviewRequiredNotification";
import type { TerminalInteractionNotification } from "./v2/TerminalInteractionNotification";
import type { ThreadArchivedNotification } from "./v2/ThreadArchivedNotification";
import type { ThreadAttachmentUpdatedNotification } from "./v2/ThreadAttachmentUpdatedNotification";
import type { ThreadClosedNotification } from "./v2/ThreadClosedNotification";
import type { ThreadDeletedNotification } from "./v2/ThreadDeletedNotification";
import type { ThreadGoalClearedNotification } from "./v2/ThreadGoalClearedNotification";
import type { ThreadGoalUpdatedNotification } from "./v2/ThreadGoalUpdatedNotification";
import type { ThreadNameUpdatedNotification } from "./v2/ThreadNameUpdatedNotification";
import type { ThreadPredictionUpdatedNotification } from "./v2/ThreadPredictionUpdatedNotification";
import type { ThreadProjectUpdatedNotification } from "./v2/ThreadProjectUpdatedNotification";
import type { ThreadQueueChangedNotification } from "./v2/ThreadQueueChangedNotification";
import type { ThreadReadStateChangedNotification } from "./v2/ThreadReadStateChangedNotification";
import type { ThreadRealtimeClosedNotification } from "./v2/ThreadRealtimeClosedNotification";
import type { ThreadRealtimeErrorNotification } from "./v2/ThreadRealtimeErrorNotification";
import type { ThreadRealtimeItemAddedNotification } from "./v2/ThreadRealtimeItemAddedNotification";
import type { ThreadRealtimeItemCompletedNotification } from "./v2/ThreadRealtimeItemCompletedNotification";
import type { ThreadRealtimeItemStartedNotification } from "./v2/ThreadRealtimeItemStartedNotification";
import type { ThreadRealtimeItemTranscriptDeltaNotification } from "./v2/ThreadRealtimeItemTranscriptDeltaNotification";
import type { ThreadRealtimeOutputAudioDeltaNotification } from "./v2/ThreadRealtimeOutputAudioDeltaNotification";
import type { ThreadRealtimeSdpNotification } from "./v2/ThreadRealtimeSdpNotification";
import type { ThreadRealtimeStartedNotification } from "./v2/ThreadRealtimeStartedNotification";
import type { ThreadRealtimeTranscriptDeltaNotification } from "./v2/ThreadRealtimeTranscriptDeltaNotification";
import type { ThreadRealtimeTranscriptDoneNotification } from "./v2/ThreadRealtimeTranscriptDoneNotification";
import type { ThreadRevertedNotification } from "./v2/ThreadRevertedNotification";
import type { ThreadSectionChangedNotification } from "./v2/ThreadSectionChangedNotification";
import type { ThreadSettingsUpdatedNotification } from "./v2/ThreadSettingsUpdatedNotification";
import type { ThreadStartedNotification } from "./v2/ThreadStartedNotification";
import type { ThreadStatusChangedNotification } from "./v2/ThreadStatusChangedNotification";
import type { ThreadTokenUsageUpdatedNotification } from "./v2/ThreadTokenUsageUpdatedNotification";
import type { ThreadUnarchivedNotification } from "./v2/ThreadUnarchivedNotification";
import type { TurnCompletedNotification } from "./v2/TurnCompletedNotification";
import type { TurnDiffUpdatedNotification } from "./v2/TurnDiffUpdatedNotification";
import type { TurnModerationMetadataNotification } from "./v2/TurnModerationMetadataNotification";
import type { TurnPlanUpdatedNotification } from "./v2/TurnPlanUpdatedNotification";
import type { TurnStartedNotification } from "./v2/TurnStartedNotification";
import type { WarningNotification } from "./v2/WarningNotification";
import type { WindowsSandboxSetupCompletedNotification } from "./v2/WindowsSandboxSetupCompletedNotification";
import type { WindowsWorldWritableWarningNotification } from "./v2/WindowsWorldWritableWarningNotification";
/**
 * Notification sent from the server to the client.
 */
export type ServerNotification = { "method": "error", "params": ErrorNotification } | { "method": "thread/started", "params": ThreadStartedNotification } | { "method": "thread/status/changed", "params": ThreadStatusChangedNotification } | { "method": "thread/readState/changed", "params": ThreadReadStateChangedNotification } | { "method": "thread/archived", "params": ThreadArchivedNotification } | { "method": "thread/deleted", "params": ThreadDeletedNotification } | { "method": "thread/unarchived", "params": ThreadUnarchivedNotification } | { "method": "thread/closed", "params": ThreadClosedNotification } | { "method": "thread/reverted", "params": ThreadRevertedNotification } | { "method": "skills/changed", "params": SkillsChangedNotification } | { "method": "thread/name/updated", "params": ThreadNameUpdatedNotification } | { "method": "thread/section/changed", "params": ThreadSectionChangedNotification } | { "method": "thread/attachment/updated", "params": ThreadAttachmentUpdatedNotification } | { "method": "thread/goal/updated", "params": ThreadGoalUpdatedNotification } | { "method": "thread/prediction/updated", "params": ThreadPredictionUpdatedNotification } | { "method": "thread/goal/cleared", "params": ThreadGoalClearedNotification } | { "method": "thread/queue/changed", "params": ThreadQueueChangedNotification } | { "method": "project/changed", "params": ProjectChangedNotification } | { "method": "thread/project/updated", "params": ThreadProjectUpdatedNotification } | { "method": "thread/environment/connected", "params": EnvironmentConnectionNotification } | { "method": "thread/environment/disconnected", "params": EnvironmentConnectionNotification } | { "method": "thread/settings/updated", "params": ThreadSettingsUpdatedNotification } | { "method": "thread/tokenUsage/updated", "params": ThreadTokenUsageUpdatedNotification } | { "method": "turn/started", "params": TurnStartedNotification } | { "method": "hook/started", "params": HookStartedNotification } | { "method": "turn/completed", "params": TurnCompletedNotification } | { "method": "hook/completed", "params": HookCompletedNotification } | { "method": "turn/diff/updated", "params": TurnDiffUpdatedNotification } | { "method": "turn/plan/updated", "params": TurnPlanUpdatedNotification } | { "method": "item/started", "params": ItemStartedNotification } | { "method": "item/autoApprovalReview/started", "params": ItemGuardianApprovalReviewStartedNotification } | { "method": "item/autoApprovalReview/completed", "params": ItemGuardianApprovalReviewCompletedNotification } | { "method": "autoApprovalReview/strictReviewRequired", "params": StrictReviewRequiredNotification } | { "method": "item/completed", "params": ItemCompletedNotification } | { "method": "rawResponseItem/completed", "params": RawResponseItemCompletedNotification } | { "method": "rawResponse/completed", "params": RawResponseCompletedNotification } | { "method": "item/agentMessage/delta", "params": AgentMessageDeltaNotification } | { "method": "item/plan/delta", "params": PlanDeltaNotification } | { "method": "command/exec/outputDelta", "params": CommandExecOutputDeltaNotification } | { "method": "process/outputDelta", "params": ProcessOutputDeltaNotification } | { "method": "process/exited", "params": ProcessExitedNotification } | { "method": "item/commandExecution/outputDelta", "params": CommandExecutionOutputDeltaNotification } | { "method": "item/commandExecution/terminalInteraction", "params": TerminalInteractionNotification } | { "method": "item/fileChange/outputDelta", "params": FileChangeOutputDeltaNotification } | { "method": "item/fileChange/patchUpdated", "params": FileChangePatchUpdatedNotification } | { "method": "serverRequest/resolved", "params": ServerRequestResolvedNotification } | { "method": "item/mcpToolCall/progress", "params": McpToolCallProgressNotification } | { "method": "mcpServer/oauthLogin/completed", "params": McpServerOauthLoginCompletedNotification } | { "method": "mcpServer/startupStatus/updated", "params": McpServerStatusUpdatedNotification } | { "method": "mcpServer/event/stream/notification", "params": McpServerEventStreamNotification } | { "method": "account/updated", "params": AccountUpdatedNotification } | { "method": "account/gatewayOAuth/changed", "params": GatewayOAuthChangedNotification } | { "method": "account/rateLimits/updated", "params": AccountRateLimitsUpdatedNotification } | { "method": "app/list/updated", "params": AppListUpdatedNotification } | { "method": "remoteControl/status/changed", "params": RemoteControlStatusChangedNotification } | { "method": "externalAgentConfig/import/progress", "params": ExternalAgentConfigImportProgressNotification } | { "method": "externalAgentConfig/import/completed", "params": ExternalAgentConfigImportCompletedNotification } | { "method": "fs/changed", "params": FsChangedNotification } | { "method": "item/reasoning/summaryTextDelta", "params": ReasoningSummaryTextDeltaNotification } | { "method": "item/reasoning/summaryPartAdded", "params": ReasoningSummaryPartAddedNotification } | { "method": "item/reasoning/textDelta", "params": ReasoningTextDeltaNotification } | { "method": "thread/compacted", "params": ContextCompactedNotification } | { "method": "model/rerouted", "params": ModelReroutedNotification } | { "method": "model/verification", "params": ModelVerificationNotification } | { "method": "modelProvider/authRecoveryStarted", "params": AuthRecoveryNotification } | { "method": "modelProvider/authRecoveryCompleted", "params": AuthRecoveryNotification } | { "method": "turn/moderationMetadata", "params": TurnModerationMetadataNotification } | { "method": "model/safetyBuffering/updated", "params": ModelSafetyBufferingUpdatedNotification } | { "method": "warning", "params": WarningNotification } | { "method": "guardianWarning", "params": GuardianWarningNotification } | { "method": "deprecationNotice", "params": DeprecationNoticeNotification } | { "method": "configWarning", "params": ConfigWarningNotification } | { "method": "fuzzyFileSearch/sessionUpdated", "params": FuzzyFileSearchSessionUpdatedNotification } | { "method": "fuzzyFileSearch/sessionCompleted", "params": FuzzyFileSearchSessionCompletedNotification } | { "method": "thread/realtime/started", "params": ThreadRealtimeStartedNotification } | { "method": "thread/realtime/itemAdded", "params": ThreadRealtimeItemAddedNotification } | { "method": "thread/realtime/item/started", "params": ThreadRealtimeItemStartedNotification } | { "method": "thread/realtime/item/transcript/delta", "params": ThreadRealtimeItemTranscriptDeltaNotification } | { "method": "thread/realtime/item/completed", "params": ThreadRealtimeItemCompletedNotification } | { "method": "thread/realtime/transcript/delta", "params": ThreadRealtimeTranscriptDeltaNotification } | { "method": "thread/realtime/transcript/done", "params": ThreadRealtimeTranscriptDoneNotification } | { "method": "thread/realtime/outputAudio/delta", "params": ThreadRealtimeOutputAudioDeltaNotification } | { "method": "thread/realtime/sdp", "params": ThreadRealtimeSdpNotification } | { "method": "thread/realtime/error", "params": ThreadRealtimeErrorNotification } | { "method": "thread/realtime/closed", "params": ThreadRealtimeClosedNotification } | { "method": "windows/worldWritableWarning", "params": WindowsWorldWritableWarningNotification } | { "method": "windowsSandbox/setupCompleted", "params": WindowsSandboxSetupCompletedNotification } | { "method": "account/login/completed", "params": AccountLoginCompletedNotification };
// file: ServerNotificationEnvelope.ts
import type { FuzzyFileSearchSessionCompletedNotification } from "./FuzzyFileSearchSessionCompletedNotification";
import type { FuzzyFileSearchSessionUpdatedNotification } from "./FuzzyFileSearchSessionUpdatedNotification";
import type { AccountLoginCompletedNotification } from "./v2/AccountLoginCompletedNotification";
import type { AccountRateLimitsUpdatedNotification } from "./v2/AccountRateLimitsUpdatedNotification";
import type { AccountUpdatedNotification } from "./v2/AccountUpdatedNotification";
import type { AgentMessageDeltaNotification } from "./v2/AgentMessageDeltaNotification";
import type { AppListUpdatedNotification } from "./v2/AppListUpdatedNotification";
import type { AuthRecoveryNotification } from "./v2/AuthRecoveryNotification";
import type { CommandExecOutputDeltaNotification } from "./v2/CommandExecOutputDeltaNotification";
import type { CommandExecutionOutputDeltaNotification } from "./v2/CommandExecutionOutputDeltaNotification";
import type { ConfigWarningNotification } from "./v2/ConfigWarningNotification";
import type { ContextCompactedNotification } from "./v2/ContextCompactedNotification";
import type { DeprecationNoticeNotification } from "./v2/DeprecationNoticeNotification";
import type { EnvironmentConnectionNotification } from "./v2/EnvironmentConnectionNotification";
import type { ErrorNotification } from "./v2/ErrorNotification";
import type { ExternalAgentConfigImportCompletedNotification } from "./v2/ExternalAgentConfigImportCompletedNotification";
import type { ExternalAgentConfigImportProgressNotification } from "./v2/ExternalAgentConfigImportProgressNotification";
import type { FileChangeOutputDeltaNotification } from "./v2/FileChangeOutputDeltaNotification";
import type { FileChangePatchUpdatedNotification } from "./v2/FileChangePatchUpdatedNotification";
import type { FsChangedNotification } from "./v2/FsChangedNotification";
import type { GatewayOAuthChangedNotification } from "./v2/GatewayOAuthChangedNotification";
import type { GuardianWarningNotification } from "./v2/GuardianWarningNotification";
import type { HookCompletedNotification } from "./v2/HookCompletedNotification";
import type { HookStartedNotification } from "./v2/HookStartedNotification";
import type { ItemCompletedNotification } from "./v2/ItemCompletedNotification";
import type { ItemGuardianApprovalReviewCompletedNotification } from "./v2/ItemGuardianApprovalReviewCompletedNotification";
import type { ItemGuardianApprovalReviewStartedNotification } from "./v2/ItemGuardianApprovalReviewStartedNotification";
import type { ItemStartedNotification } from "./v2/ItemStartedNotification";
import type { McpServerEventStreamNotification } from "./v2/McpServerEventStreamNotification";
import type { McpServerOauthLoginCompletedNotification } from "./v2/McpServerOauthLoginCompletedNotification";
import type { McpServerStatusUpdatedNotification } from "./v2/McpServerStatusUpdatedNotification";
import type { McpToolCallProgressNotification } from "./v2/McpToolCallProgressNotification";
import type { ModelReroutedNotification } from "./v2/ModelReroutedNotification";
import type { ModelSafetyBufferingUpdatedNotification } from "./v2/ModelSafetyBufferingUpdatedNotification";
import type { ModelVerificationNotification } from "./v2/ModelVerificationNotification";
import type { PlanDeltaNotification } from "./v2/PlanDeltaNotification";
import type { ProcessExitedNotification } from "./v2/ProcessExitedNotification";
import type { ProcessOutputDeltaNotification } from "./v2/ProcessOutputDeltaNotification";
import type { ProjectChangedNotification } from "./v2/ProjectChangedNotification";
import type { RawResponseCompletedNotification } from "./v2/RawResponseCompletedNotification";
import type { RawResponseItemCompletedNotification } from "./v2/RawResponseItemCompletedNotification";
import type { ReasoningSummaryPartAddedNotification } from "./v2/ReasoningSummaryPartAddedNotification";
import type { ReasoningSummaryTextDeltaNotification } from "./v2/ReasoningSummaryTextDeltaNotification";
import type { ReasoningTextDeltaNotification } from "./v2/ReasoningTextDeltaNotification";
import type { RemoteControlStatusChangedNotification } from "./v2/RemoteControlStatusChangedNotification";
import type { ServerRequestResolvedNotification } from "./v2/ServerRequestResolvedNotification";
import type { SkillsChangedNotification } from "./v2/SkillsChangedNotification";
import type { StrictReviewRequiredNotification } from "./v2/StrictReviewRequiredNotification";
import type { TerminalInteractionNotification } from "./v2/TerminalInteractionNotification";
import type { ThreadArchivedNotification } from "./v2/ThreadArchivedNotification";
import type { ThreadAttachmentUpdatedNotification } from "./v2/ThreadAttachmentUpdatedNotification";
import type { ThreadClosedNotification } from "./v2/ThreadClosedNotification";
import type { ThreadDeletedNotification } from "./v2/ThreadDeletedNotification";
import type { ThreadGoalClearedNotification } from "./v2/ThreadGoalClearedNotification";
import type { ThreadGoalUpdatedNotification } from "./v2/ThreadGoalUpdatedNotification";
import type { ThreadNameUpdatedNotification } from "./v2/ThreadNameUpdatedNotification";
import type { ThreadPredictionUpdatedNotification } from "./v2/ThreadPredictionUpdatedNotification";
import type { ThreadProjectUpdatedNotification } from "./v2/ThreadProjectUpdatedNotification";
import type { ThreadQueueChangedNotification } from "./v2/ThreadQueueChangedNotification";
import type { ThreadReadStateChangedNotification } from "./v2/ThreadReadStateChangedNotification";
import type { ThreadRealtimeClosedNotification } from "./v2/ThreadRealtimeClosedNotification";
import type { ThreadRealtimeErrorNotification } from "./v2/ThreadRealtimeErrorNotification";
import type { ThreadRealtimeItemAddedNotification } from "./v2/ThreadRealtimeItemAddedNotification";
import type { ThreadRealtimeItemCompletedNotification } from "./v2/ThreadRealtimeItemCompletedNotification";
import type { ThreadRealtimeItemStartedNotification } from "./v2/ThreadRealtimeItemStartedNotification";
import type { ThreadRealtimeItemTranscriptDeltaNotification } from "./v2/ThreadRealtimeItemTranscriptDeltaNotification";
import type { ThreadRealtimeOutputAudioDeltaNotification } from "./v2/ThreadRealtimeOutputAudioDeltaNotification";
import type { ThreadRealtimeSdpNotification } from "./v2/ThreadRealtimeSdpNotification";
import type { ThreadRealtimeStartedNotification } from "./v2/ThreadRealtimeStartedNotification";
import type { ThreadRealtimeTranscriptDeltaNotification } from "./v2/ThreadRealtimeTranscriptDeltaNotification";
import type { ThreadRealtimeTranscriptDoneNotification } from "./v2/ThreadRealtimeTranscriptDoneNotification";
import type { ThreadRevertedNotification } from "./v2/ThreadRevertedNotification";
import type { ThreadSectionChangedNotification } from "./v2/ThreadSectionChangedNotification";
import type { ThreadSettingsUpdatedNotification } from "./v2/ThreadSettingsUpdatedNotification";
import type { ThreadStartedNotification } from "./v2/ThreadStartedNotification";
import type { ThreadStatusChangedNotification } from "./v2/ThreadStatusChangedNotification";
import type { ThreadTokenUsageUpdatedNotification } from "./v2/ThreadTokenUsageUpdatedNotification";
import type { ThreadUnarchivedNotification } from "./v2/ThreadUnarchivedNotification";
import type { TurnCompletedNotification } from "./v2/TurnCompletedNotification";
import type { TurnDiffUpdatedNotification } from "./v2/TurnDiffUpdatedNotification";
import type { TurnModerationMetadataNotification } from "./v2/TurnModerationMetadataNotification";
import type { TurnPlanUpdatedNotification } from "./v2/TurnPlanUpdatedNotification";
import type { TurnStartedNotification } from "./v2/TurnStartedNotification";
import type { WarningNotification } from "./v2/WarningNotification";
import type { WindowsSandboxSetupCompletedNotification } from "./v2/WindowsSandboxSetupCompletedNotification";
import type { WindowsWorldWritableWarningNotification } from "./v2/WindowsWorldWritableWarningNotification";
/**
 * Server notification envelope sent over app-server transports.
 *
 * `emitted_at_ms` records when app-server emitted the notification, before it
 * is fanned out to individual connections.
 */
export type ServerNotificationEnvelope = {
/**
 * Unix timestamp (in milliseconds) when app-server emitted this notification.
 *
 * Optional so clients can decode notifications from older app-server
 * versions. Current app-server versions always populate it.
 */
emittedAtMs?: number, } & ({ "method": "error", "params": ErrorNotification } | { "method": "thread/started", "params": ThreadStartedNotification } | { "method": "thread/status/changed", "params": ThreadStatusChangedNotification } | { "method": "thread/readState/changed", "params": ThreadReadStateChangedNotification } | { "method": "thread/archived", "params": ThreadArchivedNotification } | { "method": "thread/deleted", "params": ThreadDeletedNotification } | { "method": "thread/unarchived", "params": ThreadUnarchivedNotification } | { "method": "thread/closed", "params": ThreadClosedNotification } | { "method": "thread/reverted", "params": ThreadRevertedNotification } | { "method": "skills/changed", "params": SkillsChangedNotification } | { "method": "thread/name/updated", "params": ThreadNameUpdatedNotification } | { "method": "thread/section/changed", "params": ThreadSectionChangedNotification } | { "method": "thread/attachment/updated", "params": ThreadAttachmentUpdatedNotification } | { "method": "thread/goal/updated", "params": ThreadGoalUpdatedNotification } | { "method": "thread/prediction/updated", "params": ThreadPredictionUpdatedNotification } | { "method": "thread/goal/cleared", "params": ThreadGoalClearedNotification } | { "method": "thread/queue/changed", "params": ThreadQueueChangedNotification } | { "method": "project/changed", "params": ProjectChangedNotification } | { "method": "thread/project/updated", "params": ThreadProjectUpdatedNotification } | { "method": "thread/environment/connected", "params": EnvironmentConnectionNotification } | { "method": "thread/environment/disconnected", "params": EnvironmentConnectionNotification } | { "method": "thread/settings/updated", "params": ThreadSettingsUpdatedNotification } | { "method": "thread/tokenUsage/updated", "params": ThreadTokenUsageUpdatedNotification } | { "method": "turn/started", "params": TurnStartedNotification } | { "method": "hook/started", "params": HookStartedNotification } | { "method": "turn/completed", "params": TurnCompletedNotification } | { "method": "hook/completed", "params": HookCompletedNotification } | { "method": "turn/diff/updated", "params": TurnDiffUpdatedNotification } | { "method": "turn/plan/updated", "params": TurnPlanUpdatedNotification } | { "method": "item/started", "params": ItemStartedNotification } | { "method": "item/autoApprovalReview/started", "params": ItemGuardianApprovalReviewStartedNotification } | { "method": "item/autoApprovalReview/completed", "params": ItemGuardianApprovalReviewCompletedNotification } | { "method": "autoApprovalReview/strictReviewRequired", "params": StrictReviewRequiredNotification } | { "method": "item/completed", "params": ItemCompletedNotification } | { "method": "rawResponseItem/completed", "params": RawResponseItemCompletedNotification } | { "method": "rawResponse/completed", "params": RawResponseCompletedNotification } | { "method": "item/agentMessage/delta", "params": AgentMessageDeltaNotification } | { "method": "item/plan/delta", "params": PlanDeltaNotification } | { "method": "command/exec/outputDelta", "params": CommandExecOutputDeltaNotification } | { "method": "process/outputDelta", "params": ProcessOutputDeltaNotification } | { "method": "process/exited", "params": ProcessExitedNotification } | { "method": "item/commandExecution/outputDelta", "params": CommandExecutionOutputDeltaNotification } | { "method": "item/commandExecution/terminalInteraction", "params": TerminalInteractionNotification } | { "method": "item/fileChange/outputDelta", "params": FileChangeOutputDeltaNotification } | { "method": "item/fileChange/patchUpdated", "params": FileChangePatchUpdatedNotification } | { "method": "serverRequest/resolved", "params": ServerRequestResolvedNotification } | { "method": "item/mcpToolCall/progress", "params": McpToolCallProgressNotification } | { "method": "mcpServer/oauthLogin/completed", "params": McpServerOauthLoginCompletedNotification } | { "method": "mcpServer/startupStatus/updated", "params": McpServerStatusUpdatedNotification } | { "method": "mcpServer/event/stream/notification", "params": McpServerEventStreamNotification } | { "method": "account/updated", "params": AccountUpdatedNotification } | { "method": "account/gatewayOAuth/changed", "params": GatewayOAuthChangedNotification } | { "method": "account/rateLimits/updated", "params": AccountRateLimitsUpdatedNotification } | { "method": "app/list/updated", "params": AppListUpdatedNotification } | { "method": "remoteControl/status/changed", "params": RemoteControlStatusChangedNotification } | { "method": "externalAgentConfig/import/progress", "params": ExternalAgentConfigImportProgressNotification } | { "method": "externalAgentConfig/import/completed", "params": ExternalAgentConfigImportCompletedNotification } | { "method": "fs/changed", "params": FsChangedNotification } | { "method": "item/reasoning/summaryTextDelta", "params": ReasoningSummaryTextDeltaNotification } | { "method": "item/reasoning/summaryPartAdded", "params": ReasoningSummaryPartAddedNotification } | { "method": "item/reasoning/textDelta", "params": ReasoningTextDeltaNotification } | { "method": "thread/compacted", "params": ContextCompactedNotification } | { "method": "model/rerouted", "params": ModelReroutedNotification } | { "method": "model/verification", "params": ModelVerificationNotification } | { "method": "modelProvider/authRecoveryStarted", "params": AuthRecoveryNotification } | { "method": "modelProvider/authRecoveryCompleted", "params": AuthRecoveryNotification } | { "method": "turn/moderationMetadata", "params": TurnModerationMetadataNotification } | { "method": "model/safetyBuffering/updated", "params": ModelSafetyBufferingUpdatedNotification } | { "method": "warning", "params": WarningNotification } | { "method": "guardianWarning", "params": GuardianWarningNotification } | { "method": "deprecationNotice", "params": DeprecationNoticeNotification } | { "method": "configWarning", "params": ConfigWarningNotification } | { "method": "fuzzyFileSearch/sessionUpdated", "params": FuzzyFileSearchSessionUpdatedNotification } | { "method": "fuzzyFileSearch/sessionCompleted", "params": FuzzyFileSearchSessionCompletedNotification } | { "method": "thread/realtime/started", "params": ThreadRealtimeStartedNotification } | { "method": "thread/realtime/itemAdded", "params": ThreadRealtimeItemAddedNotification } | { "method": "thread/realtime/item/started", "params": ThreadRealtimeItemStartedNotification } | { "method": "thread/realtime/item/transcript/delta", "params": ThreadRealtimeItemTranscriptDeltaNotification } | { "method": "thread/realtime/item/completed", "params": ThreadRealtimeItemCompletedNotification } | { "method": "thread/realtime/transcript/delta", "params": ThreadRealtimeTranscriptDeltaNotification } | { "method": "thread/realtime/transcript/done", "params": ThreadRealtimeTranscriptDoneNotification } | { "method": "thread/realtime/outputAudio/delta", "params": ThreadRealtimeOutputAudioDeltaNotification } | { "method": "thread/realtime/sdp", "params": ThreadRealtimeSdpNotification } | { "method": "thread/realtime/error", "params": ThreadRealtimeErrorNotification } | { "method": "thread/realtime/closed", "params": ThreadRealtimeClosedNotification } | { "method": "windows/worldWritableWarning", "params": WindowsWorldWritableWarningNotification } | { "method": "windowsSandbox/setupCompleted", "params": WindowsSandboxSetupCompletedNotification } | { "method": "account/login/completed", "params": AccountLoginCompletedNotification });
// file: ServerRequest.ts
import type { ApplyPatchApprovalParams } from "./ApplyPatchApprovalParams";
import type { ExecCommandApprovalParams } from "./ExecCommandApprovalParams";
import type { RequestId } from "./RequestId";
import type { AttestationGenerateParams } from "./v2/AttestationGenerateParams";
import type { ChatgptAuthTokensRefreshParams } from "./v2/ChatgptAuthTokensRefreshParams";
import type { CommandExecutionRequestApprovalParams } from "./v2/CommandExecutionRequestApprovalParams";
import type { CurrentTimeReadParams } from "./v2/CurrentTimeReadParams";
import type { DynamicToolCallParams } from "./v2/DynamicToolCallParams";
import type { FileChangeRequestApprovalParams } from "./v2/FileChangeRequestApprovalParams";
import type { McpServerElicitationRequestParams } from "./v2/McpServerElicitationRequestParams";
import type { PermissionsRequestApprovalParams } from "./v2/PermissionsRequestApprovalParams";
import type { ToolRequestUserInputParams } from "./v2/ToolRequestUserInputParams";
/**
 * Request initiated from the server and sent to the client.
 */
export type ServerRequest = { "method": "item/commandExecution/requestApproval", id: RequestId, params: CommandExecutionRequestApprovalParams, } | { "method": "item/fileChange/requestApproval", id: RequestId, params: FileChangeRequestApprovalParams, } | { "method": "item/tool/requestUserInput", id: RequestId, params: ToolRequestUserInputParams, } | { "method": "mcpServer/elicitation/request", id: RequestId, params: McpServerElicitationRequestParams, } | { "method": "item/permissions/requestApproval", id: RequestId, params: PermissionsRequestApprovalParams, } | { "method": "item/tool/call", id: RequestId, params: DynamicToolCallParams, } | { "method": "account/chatgptAuthTokens/refresh", id: RequestId, params: ChatgptAuthTokensRefreshParams, } | { "method": "attestation/generate", id: RequestId, params: AttestationGenerateParams, } | { "method": "currentTime/read", id: RequestId, params: CurrentTimeReadParams, } | { "method": "applyPatchApproval", id: RequestId, params: ApplyPatchApprovalParams, } | { "method": "execCommandApproval", id: RequestId, params: ExecCommandApprovalParams, };
// file: v2/AccountSecuritySetupAction.ts
export type AccountSecuritySetupAction = { label: string, url: string, };
// file: v2/AccountSecuritySetupNotice.ts
import type { AccountSecuritySetupAction } from "./AccountSecuritySetupAction";
export type AccountSecuritySetupNotice = { accountId: string, userId: string, title: string, description: string, action: AccountSecuritySetupAction, };
// file: v2/AccountSession.ts
import type { AccountSessionWorkspace } from "./AccountSessionWorkspace";
export type AccountSession = { sessionId: string, email: string | null, userId: string | null, displayName: string | null, imageUrl: string | null, lastUsedAt: bigint, isActive: boolean, selectedWorkspaceAccountId: string | null, workspaces: Array<AccountSessionWorkspace>, };
// file: v2/AccountSessionWorkspace.ts
import type { AccountSessionWorkspaceKind } from "./AccountSessionWorkspaceKind";
export type AccountSessionWorkspace = { accountId: string, name: string | null, imageUrl: string | null, kind: AccountSessionWorkspaceKind | null, };
// file: v2/AccountSessionWorkspaceKind.ts
export type AccountSessionWorkspaceKind = "personal" | "workspace";
// file: v2/AccountSessionsListParams.ts
export type AccountSessionsListParams = { refreshWorkspaceMetadata?: boolean, };
// file: v2/AccountSessionsResponse.ts
import type { AccountSession } from "./AccountSession";
export type AccountSessionsResponse = { activeSessionId: string | null, sessions: Array<AccountSession>, };
// file: v2/AccountSessionsSwitchParams.ts
export type AccountSessionsSwitchParams = {
/**
 * Opaque active-login identifier returned by accountSession/list.
 */
sessionId: string,
/**
 * Workspace to select within that login; this is not a user identifier.
 */
accountId: string,
/**
 * Allow Core to start browser sign-in if this session needs SSO for the workspace.
 */
allowBrowserLogin?: boolean, };
// file: v2/AccountSessionsSwitchResponse.ts
import type { AccountSession } from "./AccountSession";
export type AccountSessionsSwitchResponse = { activeSessionId: string | null, sessions: Array<AccountSession>, } | { loginId: string, authUrl: string, };
// file: v2/BedrockProviderId.ts
export type BedrockProviderId = "amazon-bedrock" | "amazon-bedrock-runtime";
// file: v2/BedrockSettingsParams.ts
import type { BedrockProviderId } from "./BedrockProviderId";
/**
 * AWS configuration fields for built-in Bedrock providers.
 */
export type BedrockSettingsParams = { providerId: BedrockProviderId, profile?: string | null, region?: string | null, };
// file: v2/CustomGatewaySettingsParams.ts
export type CustomGatewaySettingsParams = {
/**
 * Omit or pass null to allocate a new custom provider ID.
 */
providerId?: string | null, name?: string, baseUrl?: string | null, envKey?: string | null, };
// file: v2/FeedbackSaveParams.ts
import type { LegacyAppPathString } from "../LegacyAppPathString";
export type FeedbackSaveParams = {
/**
 * Absolute, previously unused ZIP path on the app-server host.
 * The caller owns this file, including after a disconnected RPC.
 */
savePath: LegacyAppPathString, classification: string, reason?: string | null, threadId?: string | null, includeLogs?: boolean, extraLogFiles?: Array<string> | null, tags?: { [key in string]?: string } | null, };
// file: v2/FeedbackSaveResponse.ts
import type { LegacyAppPathString } from "../LegacyAppPathString";
export type FeedbackSaveResponse = { savedPath: LegacyAppPathString, threadId: string,
/**
 * Same prompt hash as feedback/upload; null when prompt metadata is absent.
 */
promptHash: string | null, };
// file: v2/GatewayAuth.ts
export type GatewayAuth = { "mode": "none" } | { "mode": "environmentVariable", envKey: string, } | { "mode": "externallyConfigured", envKey: string | null, };
// file: v2/GatewayOAuthLoginParams.ts
/**
 * Authorize a configured provider without changing the default or any thread's provider.
 */
export type GatewayOAuthLoginParams = {
/**
 * Defaults to the current provider when omitted.
 */
modelProvider?: string | null,
/**
 * Select device authorization when the server advertises support for it.
 */
deviceAuth?: boolean, };
// file: v2/GatewayOAuthReadParams.ts
/**
 * Read credential readiness for a configured provider without starting browser login.
 */
export type GatewayOAuthReadParams = {
/**
 * Defaults to the current provider when omitted.
 */
modelProvider?: string | null, };
// file: v2/GcpProviderId.ts
export type GcpProviderId = "gcp";
// file: v2/GcpSettingsParams.ts
import type { GcpProviderId } from "./GcpProviderId";
/**
 * GCP configuration fields. Credential-file paths refer to the app-server host.
 */
export type GcpSettingsParams = { providerId: GcpProviderId, projectId?: string | null, location?: string | null, credentialFile?: string | null, };
// file: v2/GcpSetupParams.ts
export type GcpSetupParams = { projectId: string,
/**
 * Vertex AI location. Omission or null selects `global`.
 */
location?: string | null,
/**
 * Absolute path to a credential file on the app-server host.
 * Omit or pass `null` to clear the active user configuration's override and use ADC.
 * If another configuration layer would still supply a credential file, setup fails
 * without saving changes.
 */
credentialFile?: string | null, };
// file: v2/GcpSetupResponse.ts
export type GcpSetupResponse = Record<string, never>;
// file: v2/GetAccountSecuritySetupResponse.ts
import type { AccountSecuritySetupNotice } from "./AccountSecuritySetupNotice";
/**
 * Optional security reminder bound to the account that fetched it. Unavailable or
 * ineligible accounts return no notice; this read never changes account security.
 */
export type GetAccountSecuritySetupResponse = { notice: AccountSecuritySetupNotice | null, };
// file: v2/HooksListParams.ts
export type HooksListParams = {
/**
 * Working directories to inspect when no thread is specified. An empty list uses the session cwd.
 */
cwds?: Array<string>,
/**
 * List a loaded thread's hooks, including its selected environments. Omit `cwds` in this mode.
 */
threadId?: string | null, };
// file: v2/McpResourceReadParams.ts
import type { JsonValue } from "../serde_json/JsonValue";
import type { McpResourceReadTarget } from "./McpResourceReadTarget";
export type McpResourceReadParams = {
/**
 * Additional MCP request metadata. Account and turn routing keys are reserved.
 */
_meta?: { [key in string]?: JsonValue } | null, threadId?: string | null,
/**
 * Originating MCP tool call used to select the resource's app.
 */
originCallId?: string | null, server: string, uri: string, connectorId?: string | null,
/**
 * Explicit hosted app/account. Omit to retain legacy resource discovery.
 */
target?: McpResourceReadTarget | null, };
// file: v2/ModelListParams.ts
export type ModelListParams = {
/**
 * List models for this configured provider instead of the app-server default.
 */
modelProvider?: string | null,
/**
 * Opaque pagination cursor returned by a previous call.
 */
cursor?: string | null,
/**
 * Optional page size; defaults to a reasonable server-side value.
 */
limit?: number | null,
/**
 * When true, include models that are hidden from the default picker list.
 */
includeHidden?: boolean | null, };
// file: v2/ModelProviderConfigWriteParams.ts
import type { ProviderSettingsPatch } from "./ProviderSettingsPatch";
export type ModelProviderConfigWriteParams = { settings: ProviderSettingsPatch, };
// file: v2/ModelProviderConfigWriteResponse.ts
import type { ModelProviderSummary } from "./ModelProviderSummary";
export type ModelProviderConfigWriteResponse = { provider: ModelProviderSummary, };
// file: v2/ModelProviderListParams.ts
export type ModelProviderListParams = Record<string, never>;
// file: v2/ModelProviderListResponse.ts
import type { ModelProviderSummary } from "./ModelProviderSummary";
export type ModelProviderListResponse = { data: Array<ModelProviderSummary>, defaultProviderId: string, canChangeDefault: boolean, };
// file: v2/ModelProviderSummary.ts
import type { ProviderSettings } from "./ProviderSettings";
export type ModelProviderSummary = { id: string, name: string,
/**
 * Whether a supported configuration field can be edited in the active user layer.
 */
canEdit: boolean,
/**
 * Null when the endpoint is absent or cannot be safely displayed.
 */
baseUrl: string | null, settings: ProviderSettings, };
// file: v2/ProviderSettings.ts
import type { GatewayAuth } from "./GatewayAuth";
export type ProviderSettings = { "type": "openai" } | { "type": "customGateway", auth: GatewayAuth, } | { "type": "bedrock", profile: string | null, region: string | null, } | { "type": "gcp", projectId: string | null, location: string | null,
/**
 * Path on the app-server host, without credential-file contents.
 */
credentialFile: string | null, };
// file: v2/ProviderSettingsPatch.ts
import type { BedrockSettingsParams } from "./BedrockSettingsParams";
import type { CustomGatewaySettingsParams } from "./CustomGatewaySettingsParams";
import type { GcpSettingsParams } from "./GcpSettingsParams";
/**
 * Omitted patch fields preserve their values. Explicit null clears a nullable field.
 */
export type ProviderSettingsPatch = { "type": "customGateway" } & CustomGatewaySettingsParams | { "type": "bedrock" } & BedrockSettingsParams | { "type": "gcp" } & GcpSettingsParams;
// file: v2/ThreadForkParams.ts
import type { AbsolutePathBuf } from "../AbsolutePathBuf";
import type { JsonValue } from "../serde_json/JsonValue";
import type { ApprovalsReviewer } from "./ApprovalsReviewer";
import type { AskForApproval } from "./AskForApproval";
import type { SandboxMode } from "./SandboxMode";
import type { ThreadSource } from "./ThreadSource";
/**
 * There are two ways to fork a thread:
 * 1. By thread_id: load the thread from disk by thread_id and fork it into a new thread.
 * 2. By path: load the thread from disk by path and fork it into a new thread.
 *
 * If using a non-empty path, the thread_id param will be ignored.
 * Empty string path values are treated as absent.
 *
 * Prefer using thread_id whenever possible.
 */
export type ThreadForkParams = { threadId: string,
/**
 * Start from the loaded parent's effective config, tools, environments, and
 * persisted history to maximize prompt-cache reuse. Requires a loaded,
 * persisted parent and `ephemeral: true`. Enables `features.reasoning_effort_override`
 * on the fork. Only `config.thread_unload_delay_secs` may override the inherited
 * config. Cannot be combined with `path`, `lastTurnId`, or `beforeTurnId`.
 */
experimentalPredictionMode?: boolean,
/**
 * Disable MCP servers in prediction mode when the inherited window uses incremental tools on Responses Lite.
 * Requires `experimentalPredictionMode: true`.
 */
experimentalDisablePredictionMcp?: boolean,
/**
 * Optional last turn id to fork through, inclusive.
 *
 * When specified, turns after `last_turn_id` are omitted from the fork.
 * The referenced turn cannot be in progress.
 */
lastTurnId?: string | null,
/**
 * Optional turn id to fork before, excluding that turn and all later turns.
 * Cannot be combined with `last_turn_id`.
 */
beforeTurnId?: string | null,
/**
 * [UNSTABLE] Specify the rollout path to fork from.
 * If specified, the thread_id param will be ignored.
 */
path?: string | null,
/**
 * Configuration overrides for the forked thread, if any.
 */
model?: string | null, modelProvider?: string | null, serviceTier?: string | null | null, cwd?: string | null,
/**
 * Replace the thread's runtime workspace roots. Paths must be absolute.
 */
runtimeWorkspaceRoots?: Array<AbsolutePathBuf> | null, approvalPolicy?: AskForApproval | null,
/**
 * Override where approval requests are routed for review on this thread
 * and subsequent turns.
 */
approvalsReviewer?: ApprovalsReviewer | null, sandbox?: SandboxMode | null,
/**
 * Named profile id for the forked thread. Cannot be combined with
 * `sandbox`.
 */
permissions?: string | null, config?: { [key in string]?: JsonValue } | null, baseInstructions?: string | null, developerInstructions?: string | null, ephemeral?: boolean,
/**
 * Persist the fork as an attached thread of its resolved source, hidden from ordinary
 * lists. The source cannot be deleted while attached threads exist. Requires a paginated source and local storage;
 * incompatible with ephemeral and deferGoalContinuation. Omitted or false creates an ordinary fork.
 */
attachToSource?: boolean,
/**
 * Optional client-supplied analytics source classification for this forked thread.
 */
threadSource?: ThreadSource | null,
/**
 * When true, return only thread metadata and live fork state without
 * populating `thread.turns`. This is useful when the client plans to call
 * `thread/turns/list` immediately after forking. Full-history hydration
 * is deprecated for paginated threads; use this with `thread/turns/list`
 * and `thread/items/list` instead.
 */
excludeTurns?: boolean,
/**
 * When true, carry the source thread's current goal into the fork without
 * starting its initial automatic continuation. The next explicit turn owns
 * the goal lifecycle, and normal automatic continuation resumes after it.
 */
deferGoalContinuation?: boolean, };
// file: v2/ThreadGuardianAssessment.ts
import type { GuardianAssessmentOutcome } from "../GuardianAssessmentOutcome";
import type { GuardianRiskLevel } from "./GuardianRiskLevel";
import type { GuardianUserAuthorization } from "./GuardianUserAuthorization";
export type ThreadGuardianAssessment = { outcome: GuardianAssessmentOutcome, riskLevel: GuardianRiskLevel, userAuthorization: GuardianUserAuthorization, rationale: string, };
// file: v2/ThreadGuardianReviewParams.ts
/**
 * Calling `thread/guardianReview` subscribes the connection to the thread.
 * The subscription remains after the review completes, keeping the thread loaded
 * until the client calls `thread/unsubscribe` or disconnects.
 */
export type ThreadGuardianReviewParams = { threadId: string, };
// file: v2/ThreadGuardianReviewResponse.ts
import type { ThreadGuardianAssessment } from "./ThreadGuardianAssessment";
export type ThreadGuardianReviewResponse = { callId: string,
/**
 * Null when current policy or a remembered approval skips review.
 */
assessment: ThreadGuardianAssessment | null, };
// file: v2/ThreadItemOutputDeferral.ts
export type ThreadItemOutputDeferral = {
/**
 * Defer nonempty output from successful commands.
 */
commandExecution?: boolean,
/**
 * Defer nonempty plain-text results from successful MCP tool calls.
 */
mcpToolCall?: boolean, };
// file: v2/ThreadItemsListParams.ts
import type { SortDirection } from "./SortDirection";
import type { ThreadItemOutputDeferral } from "./ThreadItemOutputDeferral";
import type { ThreadItemsListCursor } from "./ThreadItemsListCursor";
export type ThreadItemsListParams = { threadId: string,
/**
 * Optional turn id to filter by. When omitted, returns items across the thread.
 */
turnId?: string | null,
/**
 * Opaque continuation cursor or an exclusive item anchor in the requested visible turn.
 * An item anchor requires a non-empty `turnId`; ascending (the default) returns items
 * after it, and descending returns items before it. Continue with the returned string cursor.
 */
cursor?: ThreadItemsListCursor | null,
/**
 * Optional item page size.
 */
limit?: number | null,
/**
 * Optional item pagination direction; defaults to ascending.
 */
sortDirection?: SortDirection | null,
/**
 * For a single turn, choose which saved outputs to fetch separately by item ID.
 */
deferOutput?: ThreadItemOutputDeferral | null, };
// file: v2/ThreadListParams.ts
import type { SortDirection } from "./SortDirection";
import type { ThreadSortKey } from "./ThreadSortKey";
import type { ThreadSourceKind } from "./ThreadSourceKind";
export type ThreadListParams = {
/**
 * Include persistent threads attached to a parent when searching by title.
 */
includeAttachedThreads?: boolean,
/**
 * Show local history visible to the current ChatGPT account. Defaults to false.
 */
currentAccountOnly?: boolean,
/**
 * Opaque pagination cursor returned by a previous call.
 */
cursor?: string | null,
/**
 * Optional page size; defaults to a reasonable server-side value.
 */
limit?: number | null,
/**
 * Thread IDs to exclude before applying the result limit. Up to 100
 * entries; invalid IDs or a larger list are rejected, never truncated.
 * Send the same exclusions on each page. Omitted, null, or empty means no exclusions.
 */
excludedThreadIds?: Array<string> | null,
/**
 * Optional sort key; defaults to created_at.
 */
sortKey?: ThreadSortKey | null,
/**
 * Optional sort direction; defaults to descending (newest first).
 */
sortDirection?: SortDirection | null,
/**
 * Optional provider filter; when set, only sessions recorded under these
 * providers are returned. When present but empty, includes all providers.
 */
modelProviders?: Array<string> | null,
/**
 * Optional source filter; when set, only sessions from these source kinds
 * are returned. When omitted or empty, defaults to interactive sources.
 */
sourceKinds?: Array<ThreadSourceKind> | null,
/**
 * Optional originator allowlist, matching any supplied value exactly.
 * Supported by hosted backends only; the local app-server rejects a nonempty list.
 * Omitted or empty lists leave originators unrestricted.
 */
originators?: Array<string> | null,
/**
 * Optional archived filter; when set to true, only archived threads are returned.
 * If false or null, only non-archived threads are returned.
 */
archived?: boolean | null,
/**
 * Omit to include every section, set to `null` for unsectioned threads,
 * or provide a section ID to return only threads in that section.
 */
sectionId?: string | null,
/**
 * Omit to include every project, set to null for unassigned threads,
 * or provide a project ID to return only threads in that project.
 */
projectId?: string | null,
/**
 * Optional cwd filter or filters; when set, only threads whose session cwd
 * exactly matches one of these paths are returned.
 */
cwd?: string | Array<string> | null,
/**
 * If true, return from the state DB without scanning JSONL rollouts to
 * repair thread metadata. Omitted or false preserves scan-and-repair
 * behavior.
 */
useStateDbOnly?: boolean,
/**
 * Optional substring filter for the extracted thread title.
 */
searchTerm?: string | null,
/**
 * Optional direct parent thread filter. Mutually exclusive with `ancestorThreadId`.
 */
parentThreadId?: string | null,
/**
 * Optional ancestor thread filter. Returns spawned descendants at any depth, excluding the
 * ancestor itself. Mutually exclusive with `parentThreadId`.
 */
ancestorThreadId?: string | null,
/**
 * Return only persistent threads attached to this thread, including empty threads.
 * Mutually exclusive with parentThreadId and ancestorThreadId.
 * Omitting this filter keeps attached threads hidden from ordinary listings.
 */
attachedToThreadId?: string | null, };
// file: v2/ThreadMemoryReadParams.ts
export type ThreadMemoryReadParams = {
/**
 * The thread must already be started or resumed.
 */
threadId: string, };
// file: v2/ThreadMemoryReadResponse.ts
export type ThreadMemoryReadResponse = {
/**
 * Summary from the thread's selected memory version. Null when memory use is
 * disabled or the selected summary is missing, unreadable, or blank.
 */
summary: string | null, };
// file: v2/ThreadPrepareApprovedPlanParams.ts
/**
 * Prepare an approved plan for the first turn of a fresh thread.
 */
export type ThreadPrepareApprovedPlanParams = { threadId: string, markdown: string,
/**
 * Absolute path to the optional app-server copy of the plan.
 */
attachmentPath?: string | null, };
// file: v2/ThreadPrepareApprovedPlanResponse.ts
export type ThreadPrepareApprovedPlanResponse = {
/**
 * Initial user prompt. If no attachment is readable, the plan is already in the thread's context.
 */
prompt: string, };
// file: v2/ThreadQueueAddParams.ts
import type { UserInput } from "./UserInput";
export type ThreadQueueAddParams = { threadId: string, input: Array<UserInput>, clientUserMessageId: string,
/**
 * ResponsesAPI metadata captured from the client submitting this input.
 */
responsesapiClientMetadata?: { [key in string]?: string } | null, };
// file: v2/ThreadQueueUpdateParams.ts
import type { UserInput } from "./UserInput";
export type ThreadQueueUpdateParams = { threadId: string, queuedSubmissionId: string, input: Array<UserInput>,
/**
 * Non-empty metadata replaces the input's metadata; omission or an empty map preserves it.
 */
responsesapiClientMetadata?: { [key in string]?: string } | null, };
// file: v2/ThreadRealtimeStartParams.ts
import type { CodexResponseHandoffMode } from "../CodexResponseHandoffMode";
import type { RealtimeConversationVersion } from "../RealtimeConversationVersion";
import type { RealtimeOutputModality } from "../RealtimeOutputModality";
import type { RealtimeVoice } from "../RealtimeVoice";
import type { ThreadRealtimeInitialItem } from "./ThreadRealtimeInitialItem";
import type { ThreadRealtimeStartTransport } from "./ThreadRealtimeStartTransport";
/**
 * EXPERIMENTAL - start a thread-scoped realtime session.
 */
export type ThreadRealtimeStartParams = { threadId: string,
/**
 * Leaves Codex response handoffs to the client's explicit append calls instead of forwarding
 * them automatically. Defaults to false.
 */
clientManagedHandoffs?: boolean | null,
/**
 * Controls whether a realtime V3 delegation produces an acknowledgement filler.
 * Omitted values preserve the Realtime API's default behavior.
 */
delegationAckFiller?: boolean | null,
/**
 * Routes any transcript tail remaining at session end through Codex. Defaults to false.
 * TODO: Remove this rollout knob once transcript-tail flushing is always enabled.
 */
flushTranscriptTailOnSessionEnd?: boolean | null,
/**
 * Sends automatic Codex responses as realtime conversation items instead of handoff appends.
 */
codexResponsesAsItems?: boolean | null,
/**
 * Optional prefix added to automatic Codex response items when `codexResponsesAsItems` is true.
 */
codexResponseItemPrefix?: string | null,
/**
 * Selects how automatic Codex responses are routed in Frameless Bidi sessions. Omitted values
 * default to `thinking`. Realtime V1 and V2 ignore this setting.
 */
codexResponseHandoffMode?: CodexResponseHandoffMode | null,
/**
 * Relays public reasoning summaries as quiet context for realtime V3 delegations. Defaults to false.
 */
backendReasoningStatus?: boolean,
/**
 * Overrides BEM channel prefixes by `analysis`, `commentary`, or `final`.
 * Omitted channels retain their default uppercase bracketed prefixes.
 */
codexResponseHandoffChannelPrefixes?: { [key in string]?: Array<string> } | null,
/**
 * Overrides the configured realtime model for this session only.
 */
model?: string | null,
/**
 * Selects text or audio output for the realtime session. Transport and voice stay
 * independent so clients can choose how they connect separately from what the model emits.
 */
outputModality: RealtimeOutputModality,
/**
 * Set to false to start without Codex's startup context. Omitted or null includes it.
 */
includeStartupContext?: boolean | null,
/**
 * Adds complete role-bearing text items to the initial Frameless Bidi session history.
 * This is only supported by realtime V3 and is sent during session startup. Requests are
 * limited to 128 items and 8,192 estimated text tokens in total.
 */
initialItems?: Array<ThreadRealtimeInitialItem> | null,
/**
 * Developer instructions given to the backing Codex model when this realtime session starts.
 */
realtimeStartInstructions?: string | null,
/**
 * Developer instructions given to the backing Codex model when this realtime session ends.
 */
realtimeEndInstructions?: string | null, prompt?: string | null | null, realtimeSessionId?: string | null,
/**
 * Client-generated identifier for the product voice session. This is distinct from
 * `realtimeSessionId`.
 */
voiceSessionId?: string | null, transport?: ThreadRealtimeStartTransport | null,
/**
 * Overrides the configured realtime protocol version for this session only.
 */
version?: RealtimeConversationVersion | null, voice?: RealtimeVoice | null, };
// file: v2/ThreadSampleCancelParams.ts
import type { RequestId } from "../RequestId";
export type ThreadSampleCancelParams = { requestId: RequestId, };
// file: v2/ThreadSampleCancelResponse.ts
export type ThreadSampleCancelResponse = Record<string, never>;
// file: v2/ThreadSampleParams.ts
import type { ReasoningEffort } from "../ReasoningEffort";
import type { ThreadSource } from "./ThreadSource";
export type ThreadSampleParams = { threadId: string,
/**
 * The loaded source's latest turn, which must be finished (completed, failed, or interrupted) unless `allowInProgressTurn` is true.
 */
expectedTurnId: string,
/**
 * Allow sampling the latest turn before it finishes.
 */
allowInProgressTurn?: boolean, prompt: string,
/**
 * Applied only when the provider and model support cache-preserving reasoning-effort updates.
 */
effort?: ReasoningEffort | null, threadSource?: ThreadSource | null, turnTrigger?: string | null,
/**
 * Optional metadata to enrich Codex's ResponsesAPI turn metadata.
 */
responsesapiClientMetadata?: { [key in string]?: string } | null,
/**
 * Disable MCP servers when the inherited window uses incremental tools on Responses Lite.
 */
disableMcp?: boolean,
/**
 * Override upstream interruption on cancellation for this sample; otherwise inherit the parent.
 */
interruptOnCancel?: boolean | null, };
// file: v2/ThreadSampleResponse.ts
export type ThreadSampleResponse = { sourceTurnId: string, responseId: string,
/**
 * Assistant text from the response, or null if it attempted a tool call or completed without text.
 */
text: string | null, inputTokens: bigint | null, cachedInputTokens: bigint | null, outputTokens: bigint | null, };
// file: v2/ThreadSearchParams.ts
import type { SortDirection } from "./SortDirection";
import type { ThreadSearchSortKey } from "./ThreadSearchSortKey";
import type { ThreadSourceKind } from "./ThreadSourceKind";
export type ThreadSearchParams = {
/**
 * Include persistent threads attached to a parent in search results.
 */
includeAttachedThreads?: boolean,
/**
 * Show local history visible to the current ChatGPT account. Defaults to false.
 */
currentAccountOnly?: boolean,
/**
 * Opaque pagination cursor returned by a previous call.
 */
cursor?: string | null,
/**
 * Optional page size; defaults to a reasonable server-side value.
 */
limit?: number | null,
/**
 * Optional sort key; defaults to created_at.
 */
sortKey?: ThreadSearchSortKey | null,
/**
 * Optional sort direction; defaults to descending (newest first).
 */
sortDirection?: SortDirection | null,
/**
 * Optional source filter; when set, only sessions from these source kinds
 * are returned. When omitted or empty, defaults to interactive sources.
 */
sourceKinds?: Array<ThreadSourceKind> | null,
/**
 * Optional archived filter; when set to true, only archived threads are returned.
 * If false or null, only non-archived threads are returned.
 */
archived?: boolean | null,
/**
 * Required substring/full-text query for thread search.
 */
searchTerm: string, };
// file: v2/ThreadSectionChangedNotification.ts
/**
 * Broadcast after a successful move into, within, or out of a section.
 */
export type ThreadSectionChangedNotification = { threadId: string,
/**
 * Destination section, or `null` when the thread was removed from its section.
 */
sectionId: string | null, };
// file: v2/ThreadSettingsUpdateParams.ts
import type { CollaborationMode } from "../CollaborationMode";
import type { MultiAgentMode } from "../MultiAgentMode";
import type { Personality } from "../Personality";
import type { ReasoningEffort } from "../ReasoningEffort";
import type { ReasoningSummary } from "../ReasoningSummary";
import type { ApprovalsReviewer } from "./ApprovalsReviewer";
import type { AskForApproval } from "./AskForApproval";
import type { SandboxPolicy } from "./SandboxPolicy";
import type { TurnEnvironmentParams } from "./TurnEnvironmentParams";
export type ThreadSettingsUpdateParams = { threadId: string,
/**
 * Replace this thread's disabled plugin IDs.
 * Omitted/null preserves the list; [] clears it.
 */
disabledPluginIds?: Array<string> | null,
/**
 * Override the working directory for subsequent turns.
 */
cwd?: string | null,
/**
 * Replace the environments for future turns without changing the running turn.
 * Omitted/null preserves the selection unless `cwd` is also provided, which selects
 * the default environments for that directory. [] clears the selection.
 */
environments?: Array<TurnEnvironmentParams> | null,
/**
 * Override the approval policy for subsequent turns.
 */
approvalPolicy?: AskForApproval | null,
/**
 * Override where approval requests are routed for subsequent turns.
 */
approvalsReviewer?: ApprovalsReviewer | null,
/**
 * Override the sandbox policy for subsequent turns.
 */
sandboxPolicy?: SandboxPolicy | null,
/**
 * Select a named permissions profile id for subsequent turns. Cannot be
 * combined with `sandboxPolicy`.
 */
permissions?: string | null,
/**
 * Override the model for subsequent turns.
 */
model?: string | null,
/**
 * Override the service tier for subsequent turns. `null` clears the
 * current service tier; omission leaves it unchanged.
 */
serviceTier?: string | null | null,
/**
 * Override the reasoning effort for subsequent turns.
 */
effort?: ReasoningEffort | null,
/**
 * Override the reasoning summary for subsequent turns.
 */
summary?: ReasoningSummary | null,
/**
 * EXPERIMENTAL - Set a pre-set collaboration mode for subsequent turns.
 *
 * For `collaboration_mode.settings.developer_instructions`, `null` means
 * "use the built-in instructions for the selected mode".
 */
collaborationMode?: CollaborationMode | null,
/**
 * @deprecated Ignored. Use `effort: "ultra"` for proactive multi-agent behavior.
 */
multiAgentMode?: MultiAgentMode | null,
/**
 * @deprecated `friendly` and `pragmatic` no longer select a style.
 * Changing this does not rewrite the thread's existing instructions.
 */
personality?: Personality | null, };
// file: v2/TurnSettingsUpdateParams.ts
import type { ReasoningEffort } from "../ReasoningEffort";
import type { ReasoningSummary } from "../ReasoningSummary";
import type { ApprovalsReviewer } from "./ApprovalsReviewer";
import type { TurnEnvironmentParams } from "./TurnEnvironmentParams";
/**
 * Experimental settings changes for one running turn, not future turns.
 * Unsupported fields are rejected rather than silently ignored.
 * Any live task kind may accept publication. Child sessions and consumers of
 * frozen initial settings are unchanged.
 */
export type TurnSettingsUpdateParams = { threadId: string, turnId: string,
/**
 * Changes the active turn's reviewer without changing future thread settings.
 * Already captured steps and pending approvals retain their original reviewer.
 */
approvalsReviewer?: ApprovalsReviewer | null,
/**
 * Replace the environments for subsequent steps of this turn, not future turns.
 * Omitted/null preserves the selection; [] clears it. An already-started step is unchanged.
 */
environments?: Array<TurnEnvironmentParams> | null,
/**
 * Omission or `null` leaves the model unchanged.
 */
model?: string | null,
/**
 * Omission or `null` leaves the effort unchanged.
 */
effort?: ReasoningEffort | null,
/**
 * Omission or `null` leaves the summary preference unchanged.
 */
summary?: ReasoningSummary | null,
/**
 * `null` clears the requested tier; omission leaves it unchanged.
 */
serviceTier?: string | null | null, };
// file: v2/TurnStartParams.ts
import type { AbsolutePathBuf } from "../AbsolutePathBuf";
import type { CollaborationMode } from "../CollaborationMode";
import type { MultiAgentMode } from "../MultiAgentMode";
import type { Personality } from "../Personality";
import type { ReasoningEffort } from "../ReasoningEffort";
import type { ReasoningSummary } from "../ReasoningSummary";
import type { JsonValue } from "../serde_json/JsonValue";
import type { AdditionalContextEntry } from "./AdditionalContextEntry";
import type { ApprovalsReviewer } from "./ApprovalsReviewer";
import type { AskForApproval } from "./AskForApproval";
import type { CyberAccessProgram } from "./CyberAccessProgram";
import type { SandboxPolicy } from "./SandboxPolicy";
import type { TurnEnvironmentParams } from "./TurnEnvironmentParams";
import type { TurnToolOutput } from "./TurnToolOutput";
import type { UserInput } from "./UserInput";
export type TurnStartParams = { threadId: string,
/**
 * Replace this thread's disabled plugin IDs.
 * Omitted/null preserves the list; [] clears it.
 */
disabledPluginIds?: Array<string> | null, clientUserMessageId?: string | null, input: Array<UserInput>,
/**
 * Optional source classification for the caller that starts this turn.
 * Ignored when this request steers an already-active turn.
 */
turnTrigger?: string | null,
/**
 * ID of the turn that caused this new turn to start.
 *
 * Set this when starting work on behalf of another turn, such as delegated
 * work in a different thread. Leave unset for work started directly by the
 * user. Ignored when this request adds input to an active turn.
 */
parentTurnId?: string | null,
/**
 * ID of the first turn in the chain of work that led to this new turn.
 *
 * When setting `parentTurnId`, set this to the parent turn's `rootTurnId`
 * when known. This keeps descendant work attributed to the original turn.
 * If omitted, the new turn becomes its own root. Ignored when this request
 * adds input to an active turn.
 */
rootTurnId?: string | null, toolOutput?: TurnToolOutput | null,
/**
 * Optional metadata to enrich Codex's ResponsesAPI turn metadata.
 * Replaces unprotected client-provided entries when supplied; an empty map clears them.
 *
 * Entries are flattened into the JSON string sent as
 * `client_metadata["x-codex-turn-metadata"]` on ResponsesAPI HTTP and websocket requests.
 *
 * They are not sent as top-level ResponsesAPI `client_metadata` keys, and reserved keys
 * such as `session_id`, `thread_id`, `turn_id`, and `window_id` cannot be overridden.
 */
responsesapiClientMetadata?: { [key in string]?: string } | null,
/**
 * Merge entries into the ResponsesAPI turn metadata without removing existing entries.
 * Applied after `responsesapiClientMetadata` if both are provided; reserved keys remain protected.
 */
responsesapiClientMetadataPatch?: { [key in string]?: string } | null,
/**
 * Optional client-provided context fragments keyed by an opaque source identifier.
 */
additionalContext?: { [key in string]?: AdditionalContextEntry } | null,
/**
 * Optional environments for this turn and subsequent turns.
 *
 * Omitted uses the thread sticky environments. Empty disables
 * environment access for this turn. Non-empty selects the first
 * environment as the current turn environment for this turn.
 */
environments?: Array<TurnEnvironmentParams> | null,
/**
 * Override the working directory for this turn and subsequent turns.
 */
cwd?: string | null,
/**
 * Replace the thread's runtime workspace roots for this turn and
 * subsequent turns. Paths must be absolute.
 */
runtimeWorkspaceRoots?: Array<AbsolutePathBuf> | null,
/**
 * Override the approval policy for this turn and subsequent turns.
 */
approvalPolicy?: AskForApproval | null,
/**
 * Override where approval requests are routed for review on this turn and
 * subsequent turns.
 */
approvalsReviewer?: ApprovalsReviewer | null,
/**
 * Override the sandbox policy for this turn and subsequent turns.
 */
sandboxPolicy?: SandboxPolicy | null,
/**
 * Select a named permissions profile id for this turn and subsequent
 * turns. Cannot be combined with `sandboxPolicy`.
 */
permissions?: string | null,
/**
 * Override the model for this turn and subsequent turns.
 */
model?: string | null,
/**
 * Override the service tier for this turn and subsequent turns.
 */
serviceTier?: string | null | null,
/**
 * Override the service tier only when this request starts a new turn.
 * Use "default" for standard speed. Omitted or null inherits the thread's tier.
 * Does not change the thread's tier or a turn being steered.
 */
serviceTierForTurn?: string | null,
/**
 * Override the reasoning effort for this turn and subsequent turns.
 */
effort?: ReasoningEffort | null,
/**
 * Override the reasoning summary for this turn and subsequent turns.
 */
summary?: ReasoningSummary | null,
/**
 * @deprecated `friendly` and `pragmatic` no longer select a style.
 * Changing this does not rewrite the thread's existing instructions.
 */
personality?: Personality | null,
/**
 * Optional JSON Schema used to constrain the final assistant message for
 * this turn.
 */
outputSchema?: JsonValue | null,
/**
 * EXPERIMENTAL - Set a pre-set collaboration mode.
 * Takes precedence over model, reasoning_effort, and developer instructions if set.
 *
 * For `collaboration_mode.settings.developer_instructions`, `null` means
 * "use the built-in instructions for the selected mode".
 */
collaborationMode?: CollaborationMode | null,
/**
 * @deprecated Ignored. Use `effort: "ultra"` for proactive multi-agent behavior.
 */
multiAgentMode?: MultiAgentMode | null,
/**
 * EXPERIMENTAL - Request an authorized cyber program for this
 * turn. Omission preserves automatic behavior. This does not grant access.
 */
cyberAccessProgram?: CyberAccessProgram | null, };
// file: v2/TurnSteerParams.ts
import type { AdditionalContextEntry } from "./AdditionalContextEntry";
import type { UserInput } from "./UserInput";
export type TurnSteerParams = { threadId: string, clientUserMessageId?: string | null, input: Array<UserInput>,
/**
 * Optional metadata to enrich Codex's ResponsesAPI turn metadata.
 * Replaces unprotected client-provided entries when supplied; an empty map clears them.
 *
 * Entries are flattened into the JSON string sent as
 * `client_metadata["x-codex-turn-metadata"]` on ResponsesAPI HTTP and websocket requests.
 *
 * They are not sent as top-level ResponsesAPI `client_metadata` keys, and reserved keys
 * such as `session_id`, `thread_id`, `turn_id`, and `window_id` cannot be overridden.
 */
responsesapiClientMetadata?: { [key in string]?: string } | null,
/**
 * Merge entries into the ResponsesAPI turn metadata without removing existing entries.
 * Applied after `responsesapiClientMetadata` if both are provided; reserved keys remain protected.
 */
responsesapiClientMetadataPatch?: { [key in string]?: string } | null,
/**
 * Optional client-provided context fragments keyed by an opaque source identifier.
 */
additionalContext?: { [key in string]?: AdditionalContextEntry } | null,
/**
 * Required active turn id precondition. The request fails when it does not
 * match the currently active turn.
 */
expectedTurnId: string, };
